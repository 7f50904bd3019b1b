/** The bridge between the page and the main process: named functions, no logic; the event object stays on this side. */
import { contextBridge, ipcRenderer, webUtils, type IpcRendererEvent } from 'electron';
import type { Bridge } from '../../ipc/bridge.ts';
import { channels } from '../channels.ts';

function listen(channel: string, listener: (value: never) => void): () => void {
  const inner = (_event: IpcRendererEvent, value: unknown): void => listener(value as never);
  ipcRenderer.on(channel, inner);
  return () => void ipcRenderer.off(channel, inner);
}

const bridge: Bridge = {
  call: (channel, request) => ipcRenderer.invoke(channels.call, channel, request) as ReturnType<Bridge['call']>,
  onEvent: (listener) => listen(channels.event, listener),
  onCommand: (listener) => listen(channels.command, listener),
  pathOf: (file) => webUtils.getPathForFile(file),
  chooseFolder: (title) => ipcRenderer.invoke(channels.chooseFolder, title) as ReturnType<Bridge['chooseFolder']>,
  chooseFiles: (title, kinds) =>
    ipcRenderer.invoke(channels.chooseFiles, title, kinds) as ReturnType<Bridge['chooseFiles']>,
  saveFile: (title, suggestedName) =>
    ipcRenderer.invoke(channels.saveFile, title, suggestedName) as ReturnType<Bridge['saveFile']>,
  reveal: (path) => ipcRenderer.invoke(channels.reveal, path) as Promise<void>,
  openLink: (url) => ipcRenderer.invoke(channels.openLink, url) as Promise<boolean>,
};

contextBridge.exposeInMainWorld('triangle', bridge);
