/** Starts and asks a step-worker process. */
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { OperatorTime } from './step-profile.ts';
import type { WorkerAnswer, WorkerQuestion, WorkerReady, WorkerSettings } from './step-worker.ts';

export class StepProcess {
  /** Of every step that was asked for. */
  readonly times: number[] = [];
  /** The part of each that JavaScript took: see {@link WorkerAnswer}. */
  readonly outside: number[] = [];
  readonly ready: WorkerReady;
  readonly #process: ChildProcess;

  private constructor(child: ChildProcess, ready: WorkerReady) {
    this.#process = child;
    this.ready = ready;
  }

  /** Resolves when the step is compiled and warm. `folder`: the bundles of another checkout. */
  static async start(settings: WorkerSettings, folder?: string): Promise<StepProcess> {
    // Bundled as bench-step-worker.mjs beside this module: see build/bundle.mjs. Another checkout's lies in its own `dist`.
    const name = 'bench-step-worker.mjs';
    const program = folder === undefined ? fileURLToPath(new URL(name, import.meta.url)) : path.join(folder, name);
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
    this.outside.push(...answer.outside);
    return answer.milliseconds;
  }

  async weights(which: 'now' | 'initial'): Promise<Readonly<Record<string, Float32Array>>> {
    const answer = await this.#ask({ weights: which });
    if (!('weights' in answer)) throw new Error('The benchmark process gave an unexpected answer.');
    return answer.weights;
  }

  /** GFLOP/s of a matrix product, now. */
  async product(): Promise<number> {
    const answer = await this.#ask({ product: true });
    if (!('gigaflopsPerSecond' in answer)) throw new Error('The benchmark process gave an unexpected answer.');
    return answer.gigaflopsPerSecond;
  }

  /** The profile of a worker that was started with one; its last answer. */
  async operators(): Promise<readonly OperatorTime[]> {
    const answer = await this.#ask({ operators: true });
    if (!('operatorTimes' in answer)) throw new Error('The benchmark process gave an unexpected answer.');
    return answer.operatorTimes;
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
