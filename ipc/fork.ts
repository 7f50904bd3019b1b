/** A core process as a child of Node: for the browser host and for tests. */
import { fork } from 'node:child_process';
import { coreArguments, type CoreFolders, type Lane } from './lanes.ts';
import type { FromCore } from './messages.ts';
import type { CoreChild } from './supervisor.ts';

export { coreArguments } from './lanes.ts';

export interface CoreProcessOptions extends CoreFolders {
  /** Path of the bundled `core-process.mjs`. */
  readonly program: string;
}

export function forkCore(lane: Lane, options: CoreProcessOptions): CoreChild {
  const child = fork(options.program, coreArguments(lane, options), {
    serialization: 'advanced',
    // Ctrl-C reaches the whole group; the host closes its children in order instead.
    detached: process.platform !== 'win32',
    // Nothing of the child belongs on our standard output, which may be read by a program.
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  return {
    send: (message) => {
      if (child.connected) child.send(message, () => undefined);
    },
    onMessage: (callback) => void child.on('message', (message) => callback(message as FromCore)),
    onExit: (callback) => void child.on('exit', (code) => callback(code)),
    kill: () => void child.kill('SIGKILL'),
  };
}
