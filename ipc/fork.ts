/** A core process as a child of Node: for the browser host and for tests. */
import { fork } from 'node:child_process';
import type { Lane } from './lanes.ts';
import type { FromCore } from './messages.ts';
import type { CoreChild } from './supervisor.ts';

export interface CoreProcessOptions {
  /** Path of the bundled `core-process.mjs`. */
  readonly program: string;
  readonly library?: string | undefined;
  readonly cache?: string | undefined;
}

/** The arguments of a core process, for any kind of host. */
export function coreArguments(lane: Lane, { library, cache }: Omit<CoreProcessOptions, 'program'>): string[] {
  return [
    `--lane=${lane}`,
    ...(library === undefined ? [] : [`--library=${library}`]),
    ...(cache === undefined ? [] : [`--cache=${cache}`]),
  ];
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
