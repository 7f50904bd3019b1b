/**
 * The time of one training step on our engine beside native TensorFlow (the folder in NATIVE_TENSORFLOW; without it the engine alone),
 * each in a process of its own, in alternating rounds of one run, so that a busy machine slows both.
 */
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { availableParallelism, cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { taskNames } from './step-tasks.ts';
import type { TaskName } from './step-tasks.ts';
import type { WorkerAnswer, WorkerReady } from './step-worker.ts';

export interface StepOptions {
  readonly device: string;
  readonly threads: number;
  /** Rounds of each side; the median is over rounds x stepsPerRound steps. */
  readonly rounds: number;
  readonly stepsPerRound: number;
  readonly tasks: readonly TaskName[];
  /** Called with a sentence when something starts. */
  readonly log: (line: string) => void;
}

export const stepDefaults = {
  device: 'onnx-cpu',
  threads: availableParallelism(),
  rounds: 12,
  stepsPerRound: 3,
  tasks: taskNames,
  log: () => undefined,
} satisfies StepOptions;

/** Our time may be at most this part of native TensorFlow's. */
export const allowedRatio = 0.7;

interface Side {
  /** Medians over all steps. */
  readonly milliseconds: number;
  /** The first step, compiling included. */
  readonly firstMilliseconds: number;
  /** Convolutions and matrix products; an estimate that leaves element-wise work out. */
  readonly gigaflopsPerSecond: number;
}

export interface StepFigures {
  readonly task: TaskName;
  readonly engine: Side;
  readonly native: Side | null;
  /** engine / native; null without native TensorFlow. */
  readonly ratio: number | null;
  /** Quartiles of the ratio of the rounds' medians: how steady the machine was. */
  readonly ratioQuartiles: readonly [number, number] | null;
  readonly steps: number;
}

export interface StepReport {
  readonly device: string;
  readonly processor: string;
  readonly threads: number;
  readonly nativeFolder: string | null;
  readonly allowedRatio: number;
  readonly figures: readonly StepFigures[];
  /** False if a ratio is above the allowed one. */
  readonly passed: boolean;
}

export async function runStepBenchmark(options: Partial<StepOptions> = {}): Promise<StepReport> {
  const settings = { ...stepDefaults, ...options };
  const folder = process.env['NATIVE_TENSORFLOW'];
  const nativeFolder = folder === undefined || folder === '' ? null : folder;
  const figures: StepFigures[] = [];
  for (const task of settings.tasks) figures.push(await measure(task, settings, nativeFolder !== null));
  return {
    device: settings.device,
    processor: cpus()[0]?.model.trim() ?? process.arch,
    threads: settings.threads,
    nativeFolder,
    allowedRatio,
    figures,
    passed: figures.every(({ ratio }) => ratio === null || ratio <= allowedRatio),
  };
}

async function measure(task: TaskName, settings: StepOptions, withNative: boolean): Promise<StepFigures> {
  settings.log(`${task}: compiling`);
  const engine = await Worker.start(settings.device, task, settings.threads);
  const native = withNative ? await Worker.start('tensorflow', task, settings.threads) : null;
  try {
    for (let round = 0; round < settings.rounds; round++) {
      settings.log(`${task}: round ${round + 1} of ${settings.rounds}`);
      // Who goes first alternates too, so that a slow drift favours neither.
      const order = round % 2 === 0 ? [engine, native] : [native, engine];
      for (const worker of order) await worker?.round(settings.stepsPerRound);
    }
  } finally {
    engine.stop();
    native?.stop();
  }
  const ours = engine.figures();
  const theirs = native?.figures() ?? null;
  const ratios = native?.medians.map((median, round) => (engine.medians[round] ?? Number.NaN) / median).sort(ascending);
  return {
    task,
    engine: ours,
    native: theirs,
    ratio: theirs === null ? null : ours.milliseconds / theirs.milliseconds,
    ratioQuartiles: ratios === undefined ? null : [quantile(ratios, 0.25), quantile(ratios, 0.75)],
    steps: engine.times.length,
  };
}

/** A step-worker process and what it has measured so far. */
class Worker {
  readonly times: number[] = [];
  readonly medians: number[] = [];
  readonly #process: ChildProcess;
  #ready: WorkerReady | null = null;

  private constructor(child: ChildProcess) {
    this.#process = child;
  }

  static async start(device: string, task: TaskName, threads: number): Promise<Worker> {
    // Bundled as bench-step-worker.mjs beside this module: see build/bundle.mjs.
    const program = fileURLToPath(new URL('bench-step-worker.mjs', import.meta.url));
    const env = {
      ...process.env,
      TF_CPP_MIN_LOG_LEVEL: '2',
      TF_NUM_INTRAOP_THREADS: String(threads),
      TF_NUM_INTEROP_THREADS: '1',
    };
    const worker = new Worker(fork(program, [device, task, String(threads)], { env }));
    const answer = await worker.#answer();
    if (!('ready' in answer)) throw new Error(`The benchmark's ${device} process gave an unexpected answer.`);
    worker.#ready = answer;
    return worker;
  }

  async round(steps: number): Promise<void> {
    const answered = this.#answer();
    this.#process.send({ steps });
    const answer = await answered;
    if (!('milliseconds' in answer)) throw new Error('The benchmark process gave an unexpected answer.');
    this.times.push(...answer.milliseconds);
    this.medians.push(quantile([...answer.milliseconds].sort(ascending), 0.5));
  }

  figures(): Side {
    const milliseconds = quantile([...this.times].sort(ascending), 0.5);
    return {
      milliseconds,
      firstMilliseconds: this.#ready?.firstMilliseconds ?? Number.NaN,
      gigaflopsPerSecond: (this.#ready?.operations ?? Number.NaN) / milliseconds / 1e6,
    };
  }

  stop(): void {
    this.#process.kill();
  }

  async #answer(): Promise<Exclude<WorkerAnswer, { error: string }>> {
    return new Promise((resolve, reject) => {
      const onExit = (code: number | null, signal: string | null): void => {
        reject(new Error(`A benchmark process ended by itself (${signal ?? `exit code ${String(code)}`}).`));
      };
      this.#process.once('exit', onExit);
      this.#process.once('message', (message: WorkerAnswer) => {
        this.#process.off('exit', onExit);
        if ('error' in message) reject(new Error(message.error));
        else resolve(message);
      });
    });
  }
}

function ascending(a: number, b: number): number {
  return a - b;
}

/** Of sorted values, linear between neighbours. */
function quantile(sorted: readonly number[], part: number): number {
  const position = (sorted.length - 1) * part;
  const low = sorted[Math.floor(position)] ?? Number.NaN;
  const high = sorted[Math.ceil(position)] ?? Number.NaN;
  return low + (high - low) * (position - Math.floor(position));
}

/** The report as a table for people. */
export function stepTable(report: StepReport): string {
  const lines = [
    `${report.processor}, ${report.threads} threads, ${report.device}` +
      (report.nativeFolder === null ? '; native TensorFlow not measured: set NATIVE_TENSORFLOW to its folder' : ''),
    'step            engine      GFLOP/s    native TF   GFLOP/s    ratio (quartiles)',
  ];
  for (const { task, engine, native, ratio, ratioQuartiles } of report.figures) {
    const cells = [
      task.padEnd(14),
      `${engine.milliseconds.toFixed(1)} ms`.padStart(8),
      engine.gigaflopsPerSecond.toFixed(0).padStart(12),
      (native === null ? '-' : `${native.milliseconds.toFixed(1)} ms`).padStart(12),
      (native === null ? '-' : native.gigaflopsPerSecond.toFixed(0)).padStart(9),
      (ratio === null ? '-' : ratio.toFixed(2)).padStart(8),
      ratioQuartiles === null ? '' : `(${ratioQuartiles.map((value) => value.toFixed(2)).join('-')})`,
    ];
    lines.push(cells.join(' '));
  }
  if (report.nativeFolder !== null) {
    lines.push(`${report.passed ? 'Within' : 'ABOVE'} the allowed ratio of ${report.allowedRatio.toFixed(2)}.`);
  }
  return lines.join('\n');
}
