/**
 * How processes that score are started. By itself this forks Node; a host whose program cannot be started as Node (Electron with its
 * fuse `runAsNode` off) gives its own way with `setScorerStarter`. Processes rather than threads: what ends one of them by force, the
 * person or a native library, ends nothing else.
 */
import { fork } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { FromScorer, ToScorer } from './scorer-messages.ts';

export interface ScorerChild {
  /** Does nothing once the process is over. */
  post(message: ToScorer): void;
  onMessage(callback: (message: FromScorer) => void): void;
  /** Called once; `how` in words: `SIGKILL`, `exit code 1`. */
  onExit(callback: (how: string) => void): void;
  kill(): void;
}

export type StartScorer = () => ScorerChild;

/** The bundled program beside this module; there is none when the sources run. */
const bundled = fileURLToPath(new URL('scorer.mjs', import.meta.url));

let hosts: StartScorer | null = null;

export function setScorerStarter(own: StartScorer): void {
  hosts = own;
}

/** Null where there is no program to start. */
export function scorerStarter(): StartScorer | null {
  return hosts ?? (existsSync(bundled) ? () => forkScorer(bundled) : null);
}

/**
 * One thread each is what the processors are shared out by: helpers of the garbage collector would take it away from another process.
 * And room for what a batch leaves behind (MiB), so that it is collected less often. Both together are a tenth of the time.
 */
const collector = ['--single-threaded-gc', '--min-semi-space-size=16', '--max-semi-space-size=32'];

export function forkScorer(program: string): ScorerChild {
  const child = fork(program, [], {
    execArgv: [...process.execArgv, ...collector],
    serialization: 'advanced',
    // Nothing of the child belongs on our standard output, which may be read by a program.
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  return {
    post(message) {
      if (child.connected) child.send(message, () => undefined);
    },
    onMessage: (callback) => void child.on('message', (message) => callback(message as FromScorer)),
    onExit(callback) {
      let told = false;
      const tell = (how: string): void => {
        if (!told) callback(how);
        told = true;
      };
      child.on('exit', (code, signal) => tell(signal ?? `exit code ${String(code)}`));
      child.on('error', (error) => {
        // Also a message that could not be sent: the process may be there and is of no use.
        child.kill('SIGKILL');
        tell(error.message);
      });
    },
    kill: () => void child.kill('SIGKILL'),
  };
}
