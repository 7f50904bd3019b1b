/**
 * Ten thousand small training steps, lazily and replayed from a trace: tensors, compiled graphs and resident memory must stay flat.
 * Exit code 1 if any of them grows.
 */
import * as tf from '@tensorflow/tfjs';
import { openBackend } from '../core/backends/devices-open.ts';
import { engineStatistics } from '../core/backends/onnx/index.ts';
import { makeAutoencoder } from '../core/backends/self-test-step.ts';
import type { Autoencoder } from '../core/backends/self-test-step.ts';
import type { Feeds } from '../core/backends/types.ts';

export interface SoakOptions {
  readonly steps: number;
  readonly threads: number;
  readonly log: (line: string) => void;
}

export const soakDefaults = { steps: 10_000, threads: 1, log: () => undefined } satisfies SoakOptions;

export interface SoakSample {
  readonly step: number;
  readonly numTensors: number;
  readonly dataIds: number;
  readonly sessions: number;
  readonly residentMiB: number;
  readonly heapMiB: number;
}

export interface SoakFigures {
  readonly mode: 'lazy' | 'captured';
  readonly samples: readonly SoakSample[];
  readonly millisecondsPerStep: number;
  /** Resident memory at the end less that after the first tenth. */
  readonly grownMiB: number;
  readonly passed: boolean;
}

export interface SoakReport {
  readonly steps: number;
  readonly figures: readonly SoakFigures[];
  readonly passed: boolean;
}

/** Growth that allocators show without a leak. */
const allowedMiB = 48;

export async function runSoak(options: Partial<SoakOptions> = {}): Promise<SoakReport> {
  const settings = { ...soakDefaults, ...options };
  await openBackend({ name: 'onnx-cpu', description: '', adapter: null, reason: 'soak' }, settings.threads);
  const figures = [await soak('lazy', settings), await soak('captured', settings)];
  return { steps: settings.steps, figures, passed: figures.every(({ passed }) => passed) };
}

async function soak(mode: 'lazy' | 'captured', { steps, threads, log }: SoakOptions): Promise<SoakFigures> {
  const device = await openBackend({ name: 'onnx-cpu', description: '', adapter: null, reason: 'soak' }, threads);
  const model = makeAutoencoder({ batch: 4, size: 8, channels: 1, widths: [4, 8], batchNormalisation: true });
  const program = mode === 'captured' ? device.compileStep(model) : null;
  const run = async (feeds: Feeds): Promise<unknown> =>
    program === null ? runLazily(model, feeds) : program.run(feeds);

  const samples: SoakSample[] = [];
  const every = Math.max(1, Math.floor(steps / 10));
  const start = performance.now();
  for (let step = 1; step <= steps; step++) {
    await run(model.feedsOf(step));
    if (step % every !== 0) continue;
    const sample = takeSample(step);
    samples.push(sample);
    log(`${mode}: step ${step}, ${sample.numTensors} tensors, ${sample.sessions} sessions, ${sample.residentMiB} MiB`);
  }
  const millisecondsPerStep = (performance.now() - start) / steps;
  program?.dispose();
  model.dispose();

  const first = samples[0];
  const last = samples.at(-1);
  const grownMiB = (last?.residentMiB ?? Number.NaN) - (first?.residentMiB ?? Number.NaN);
  const flat = (key: 'numTensors' | 'dataIds' | 'sessions'): boolean => samples.every((s) => s[key] === first?.[key]);
  const passed = flat('numTensors') && flat('dataIds') && flat('sessions') && grownMiB <= allowedMiB;
  return { mode, samples, millisecondsPerStep, grownMiB, passed };
}

/** The step without a trace: each kernel call is recorded anew, and the reading runs the graph. */
async function runLazily(model: Autoencoder, feeds: Feeds): Promise<unknown> {
  const results = tf.tidy(() => {
    const tensors = Object.entries(model.feeds).map(([name, { shape, dtype }]) => {
      return [name, tf.tensor(feeds[name] ?? [], [...shape], dtype)] as const;
    });
    return model.step(Object.fromEntries(tensors));
  });
  const loss = await results['loss']?.data();
  tf.dispose(results);
  return loss;
}

function takeSample(step: number): SoakSample {
  const { rss, heapUsed } = process.memoryUsage();
  const { sessions, dataIds } = engineStatistics();
  const numTensors = tf.memory().numTensors;
  return { step, numTensors, dataIds, sessions, residentMiB: toMiB(rss), heapMiB: toMiB(heapUsed) };
}

function toMiB(bytes: number): number {
  return Math.round(bytes / 1048576);
}

export function soakTable(report: SoakReport): string {
  const lines = ['mode       ms/step   tensors  sessions  resident MiB (each tenth)          '];
  for (const { mode, samples, millisecondsPerStep, passed } of report.figures) {
    const last = samples.at(-1);
    const memory = samples.map((sample) => sample.residentMiB).join(' ');
    const state = passed ? 'flat' : 'GROWS';
    lines.push(
      `${mode.padEnd(9)} ${millisecondsPerStep.toFixed(2).padStart(8)} ${String(last?.numTensors).padStart(9)} ` +
        `${String(last?.sessions).padStart(9)}  ${memory}  ${state}`,
    );
  }
  return lines.join('\n');
}
