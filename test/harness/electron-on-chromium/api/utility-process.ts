/** `utilityProcess`: a child process whose `process.parentPort` is made of Node's own channel by utility-child.cjs. */
import { fork, type ChildProcess } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { fileURLToPath } from 'node:url';
import { provided } from '../provided.ts';

interface ForkOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly stdio?: 'pipe' | 'ignore' | 'inherit';
  readonly serviceName?: string;
  readonly cwd?: string;
}

const shim = fileURLToPath(new URL('./utility-child.cjs', import.meta.url));
/** Each with the name of its service. */
const children = new Map<ChildProcess, string>();

class UtilityProcess extends EventEmitter {
  readonly stdout;
  readonly stderr;
  private readonly child: ChildProcess;

  constructor(file: string, words: readonly string[], options: ForkOptions) {
    super();
    const { env = process.env, stdio = 'inherit', cwd } = options;
    this.child = fork(file, words, {
      env,
      serialization: 'advanced',
      execArgv: ['--require', shim],
      stdio: ['ignore', stdio, stdio, 'ipc'],
      ...(cwd === undefined ? {} : { cwd }),
    });
    children.set(this.child, options.serviceName ?? 'Node Utility Process');
    this.stdout = this.child.stdout;
    this.stderr = this.child.stderr;
    this.child.on('spawn', () => this.emit('spawn'));
    this.child.on('message', (message) => this.emit('message', message));
    this.child.on('exit', (code, signal) => {
      children.delete(this.child);
      this.emit('exit', code ?? (signal === null ? 1 : 128));
    });
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  postMessage(message: object, transfer: readonly unknown[] = []): void {
    if (transfer.length > 0) throw new Error('The harness does not provide transferred ports.');
    if (this.child.connected) this.child.send(message);
  }

  kill(): boolean {
    return this.child.kill();
  }
}

export const utilityProcess = provided('utilityProcess', {
  fork: (file: string, words: readonly string[] = [], options: ForkOptions = {}): UtilityProcess =>
    provided('UtilityProcess', new UtilityProcess(file, words, options)),
});

/** For `app.getAppMetrics`. */
export const utilityMetrics = () =>
  [...children].map(([{ pid = 0 }, serviceName]) => ({ type: 'Utility', pid, name: serviceName, serviceName }));

/** Utility processes end with the program. */
export function endUtilityProcesses(): void {
  for (const child of children.keys()) child.kill('SIGKILL');
}
