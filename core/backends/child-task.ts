/**
 * Short-lived processes for what may abort: a probe of a driver, the self-test of a device. By itself this starts Node once more; a
 * host whose program cannot be started as Node (Electron with its fuse `runAsNode` off) gives its own way with `setChildRunner`.
 */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export interface ChildTask {
  /** `probe`: the first word is a CommonJS script, the others are its parameters. `self-test`: parameters of self-test.mjs. */
  readonly kind: 'probe' | 'self-test';
  readonly words: readonly string[];
  /** Added to the environment. */
  readonly environment: Readonly<Record<string, string>>;
  readonly timeoutMilliseconds: number;
}

export interface ChildEnd {
  readonly stdout: string;
  readonly stderr: string;
  readonly timedOut: boolean;
  /** How it ended, in words: `SIGSEGV`, `exit code 1`. */
  readonly how: string;
}

/** Never rejects. */
export type ChildRunner = (task: ChildTask) => Promise<ChildEnd>;

/** The bundled program beside this module; there is none when the sources run. */
export const selfTestProgram = fileURLToPath(new URL('self-test.mjs', import.meta.url));

function runNode({ kind, words, environment, timeoutMilliseconds }: ChildTask): Promise<ChildEnd> {
  const [script = '', ...parameters] = words;
  const all = kind === 'probe' ? ['-e', script, '--', ...parameters] : [selfTestProgram, ...words];
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      all,
      {
        timeout: timeoutMilliseconds,
        killSignal: 'SIGKILL',
        maxBuffer: 1 << 26,
        windowsHide: true,
        env: { ...process.env, ...environment, ELECTRON_RUN_AS_NODE: '1' },
      },
      (error, stdout, stderr) => {
        const how = error?.signal ?? `exit code ${String(error?.code ?? 0)}`;
        resolve({ stdout, stderr, timedOut: error?.killed === true, how });
      },
    );
  });
}

let runner: ChildRunner = runNode;

export function setChildRunner(own: ChildRunner): void {
  runner = own;
}

export const runChild: ChildRunner = (task) => runner(task);
