/** Starts and asks a step-worker process. */
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { WorkerAnswer, WorkerQuestion, WorkerReady, WorkerSettings } from './step-worker.ts';

export class StepProcess {
  /** Of every step that was asked for. */
  readonly times: number[] = [];
  readonly ready: WorkerReady;
  readonly #process: ChildProcess;

  private constructor(child: ChildProcess, ready: WorkerReady) {
    this.#process = child;
    this.ready = ready;
  }

  /** Resolves when the step is compiled and warm. */
  static async start(settings: WorkerSettings): Promise<StepProcess> {
    // Bundled as bench-step-worker.mjs beside this module: see build/bundle.mjs.
    const program = fileURLToPath(new URL('bench-step-worker.mjs', import.meta.url));
    const env = {
      ...process.env,
      TF_CPP_MIN_LOG_LEVEL: '2',
      TF_NUM_INTRAOP_THREADS: String(settings.threads),
      TF_NUM_INTEROP_THREADS: '1',
    };
    // `advanced` sends typed arrays as they are. What native libraries print goes to standard error.
    const child = fork(program, [JSON.stringify(settings)], {
      env,
      serialization: 'advanced',
      stdio: ['ignore', 2, 2, 'ipc'],
    });
    try {
      const answer = await answerOf(child);
      if ('ready' in answer) return new StepProcess(child, answer);
      throw new Error('The benchmark process gave an unexpected answer.');
    } catch (error) {
      child.kill();
      throw error;
    }
  }

  /** Runs steps; resolves to the time of each in milliseconds. */
  async run(steps: number): Promise<readonly number[]> {
    const answer = await this.#ask({ steps });
    if (!('milliseconds' in answer)) throw new Error('The benchmark process gave an unexpected answer.');
    this.times.push(...answer.milliseconds);
    return answer.milliseconds;
  }

  async weights(): Promise<Readonly<Record<string, Float32Array>>> {
    const answer = await this.#ask({ weights: true });
    if (!('weights' in answer)) throw new Error('The benchmark process gave an unexpected answer.');
    return answer.weights;
  }

  stop(): void {
    this.#process.kill();
  }

  async #ask(question: WorkerQuestion): Promise<WorkerAnswer> {
    const answered = answerOf(this.#process);
    this.#process.send(question);
    return answered;
  }
}

/** The next message; rejects if the process ends or reports an error. */
async function answerOf(child: ChildProcess): Promise<WorkerAnswer> {
  return new Promise((resolve, reject) => {
    const onExit = (code: number | null, signal: string | null): void => {
      reject(new Error(`A benchmark process ended by itself (${signal ?? `exit code ${String(code)}`}).`));
    };
    child.once('exit', onExit);
    child.once('message', (message: WorkerAnswer) => {
      child.off('exit', onExit);
      if ('error' in message) reject(new Error(message.error));
      else resolve(message);
    });
  });
}
