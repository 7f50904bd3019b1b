/** Names of the messages between the window and the main process; both bundles take them from here. */
export const channels = {
  call: 'triangle:call',
  event: 'triangle:event',
  command: 'triangle:command',
  chooseFolder: 'triangle:choose-folder',
  chooseFiles: 'triangle:choose-files',
  saveFile: 'triangle:save-file',
  reveal: 'triangle:reveal',
  openLink: 'triangle:open-link',
} as const;
