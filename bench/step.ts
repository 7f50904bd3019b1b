/**
 * The time of one training step on our engine beside native TensorFlow (the folder in NATIVE_TENSORFLOW; without it the engine alone),
 * each in a process of its own, in alternating rounds of one run, so that a busy machine slows both.
 */
import { availableParallelism, cpus } from 'node:os';
import { StepProcess } from './step-process.ts';
import { taskNames } from './step-tasks.ts';
import type { TaskName, TaskSize } from './step-tasks.ts';

export interface StepOptions extends TaskSize {
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
  batch: 64,
  width: 32,
  rounds: 12,
  stepsPerRound: 6,
  tasks: taskNames,
  log: () => undefined,
} satisfies StepOptions;

/** Our time may be at most this part of native TensorFlow's. */
export const allowedRatios: Readonly<Record<TaskName, number>> = { autoencoder: 0.32, joint: 0.4 };

interface Side {
  /** Medians over all steps. */
  readonly milliseconds: number;
  /** The first step, compiling included. */
  readonly firstMilliseconds: number;
  /** Convolutions and matrix products; an estimate that leaves element-wise work out. */
  readonly gigaflopsPerSecond: number;
  /** Median of what a step takes outside native sessions. */
  readonly javascriptMilliseconds: number;
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
  /** Median rate of the runtime's own product of two 1024x1024 matrices, measured between the rounds. */
  readonly productGigaflopsPerSecond: number;
}

export interface StepReport {
  readonly device: string;
  readonly processor: string;
  readonly threads: number;
  readonly batch: number;
  readonly width: number;
  readonly nativeFolder: string | null;
  readonly allowedRatios: Readonly<Record<TaskName, number>>;
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
    batch: settings.batch,
    width: settings.width,
    nativeFolder,
    allowedRatios,
    figures,
    passed: figures.every(({ task, ratio }) => ratio === null || ratio <= allowedRatios[task]),
  };
}

async function measure(task: TaskName, settings: StepOptions, withNative: boolean): Promise<StepFigures> {
  settings.log(`${task}: compiling`);
  const contenders = [await start(settings.device, task, settings)];
  const products: number[] = [];
  try {
    if (withNative) contenders.push(await start('tensorflow', task, settings));
    for (let round = 0; round < settings.rounds; round++) {
      settings.log(`${task}: round ${round + 1} of ${settings.rounds}`);
      // Who goes first alternates too, so that a slow drift favours neither.
      for (const { process, medians } of round % 2 === 0 ? contenders : contenders.toReversed()) {
        medians.push(quantile([...(await process.run(settings.stepsPerRound))].sort(ascending), 0.5));
      }
      products.push((await contenders[0]?.process.product()) ?? Number.NaN);
    }
  } finally {
    for (const { process } of contenders) process.stop();
  }
  const [engine, native] = contenders;
  if (engine === undefined) throw new Error('Nothing was measured.');
  const ours = sideOf(engine);
  const theirs = native === undefined ? null : sideOf(native);
  const ratios = native?.medians.map((median, round) => (engine.medians[round] ?? Number.NaN) / median).sort(ascending);
  return {
    task,
    engine: ours,
    native: theirs,
    ratio: theirs === null ? null : ours.milliseconds / theirs.milliseconds,
    ratioQuartiles: ratios === undefined ? null : [quantile(ratios, 0.25), quantile(ratios, 0.75)],
    steps: engine.process.times.length,
    productGigaflopsPerSecond: quantile(products.sort(ascending), 0.5),
  };
}

/** A worker and the median of each of its rounds. */
interface Contender {
  readonly process: StepProcess;
  readonly medians: number[];
}

async function start(device: string, task: TaskName, { threads, batch, width }: StepOptions): Promise<Contender> {
  return { process: await StepProcess.start({ device, task, threads, batch, width, warmUp: 3 }), medians: [] };
}

function sideOf({ process }: Contender): Side {
  const milliseconds = quantile([...process.times].sort(ascending), 0.5);
  const { operations, firstMilliseconds } = process.ready;
  const javascriptMilliseconds = quantile([...process.outside].sort(ascending), 0.5);
  return {
    milliseconds,
    firstMilliseconds,
    javascriptMilliseconds,
    gigaflopsPerSecond: operations / milliseconds / 1e6,
  };
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
    `${report.processor}, ${report.threads} threads, ${report.device}, batch ${report.batch}, width ${report.width}` +
      (report.nativeFolder === null ? '; native TensorFlow not measured: set NATIVE_TENSORFLOW to its folder' : ''),
    'step            engine   JavaScript   GFLOP/s (of matrix product)   native TF   GFLOP/s    ratio (quartiles)   allowed',
  ];
  for (const { task, engine, native, ratio, ratioQuartiles, productGigaflopsPerSecond } of report.figures) {
    const share = `(${((100 * engine.gigaflopsPerSecond) / productGigaflopsPerSecond).toFixed(0)} % of ${productGigaflopsPerSecond.toFixed(0)})`;
    const cells = [
      task.padEnd(14),
      `${engine.milliseconds.toFixed(1)} ms`.padStart(8),
      `${engine.javascriptMilliseconds.toFixed(2)} ms`.padStart(12),
      `${engine.gigaflopsPerSecond.toFixed(0)} ${share}`.padStart(29),
      (native === null ? '-' : `${native.milliseconds.toFixed(1)} ms`).padStart(12),
      (native === null ? '-' : native.gigaflopsPerSecond.toFixed(0)).padStart(9),
      (ratio === null ? '-' : ratio.toFixed(2)).padStart(8),
      ratioQuartiles === null ? '' : `(${ratioQuartiles.map((value) => value.toFixed(2)).join('-')})`,
      report.allowedRatios[task].toFixed(2).padStart(9),
    ];
    lines.push(cells.join(' '));
  }
  if (report.nativeFolder !== null) {
    lines.push(`${report.passed ? 'Within' : 'ABOVE'} the allowed ratios.`);
  }
  return lines.join('\n');
}
