/**
 * Training as `triangle train` does it, without run folder and pictures: how long a step waits for its data (batch read from the
 * cache on disk, shuffled, augmented, scaled; random numbers drawn), and resident memory from beginning to end. The pictures are
 * noise in a cache that is too large to be held in memory: its contents do not matter to time and memory, its size does.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { openBackend } from '../core/backends/devices-open.ts';
import type { DeviceName } from '../core/backends/types.ts';
import { BatchStream } from '../core/datasets/batches.ts';
import { cacheFolder, CacheWriter, openCache } from '../core/datasets/cache.ts';
import { quantile } from '../core/evaluation/quantile.ts';
import { createNetworks, disposeNetworks } from '../core/nets/networks.ts';
import type { NetSpec } from '../core/nets/types.ts';
import { resolveOptions } from '../core/objectives/options.ts';
import { findObjective } from '../core/objectives/registry.ts';
import { Random } from '../core/random.ts';
import { NoiseSource } from '../core/training/noise.ts';
import { createTrainingStep } from '../core/training/step.ts';

export interface TrainingBenchOptions {
  readonly device: string;
  readonly threads: number;
  readonly size: number;
  readonly batch: number;
  readonly width: number;
  readonly steps: number;
  readonly log: (line: string) => void;
}

export const trainingDefaults = {
  device: 'onnx-cpu',
  threads: 2,
  size: 64,
  batch: 64,
  width: 64,
  steps: 200,
  log: () => undefined,
} satisfies TrainingBenchOptions;

export interface TrainingBenchReport extends Omit<TrainingBenchOptions, 'log'> {
  /** Medians. */
  readonly stepMs: number;
  readonly dataMs: number;
  /** Time in which a step waited for its data through all time. */
  readonly waitingShare: number;
  /** Highest resident memory in each tenth of the steps, and of all. */
  readonly tenthsMiB: readonly number[];
  readonly peakMiB: number;
  /** Of the last tenth less that of the second. */
  readonly grownMiB: number;
  readonly passed: boolean;
}

const limits = { peakMiB: 1536, grownMiB: 48, waitingShare: 0.05 } as const;
const mebibyte = 1 << 20;
/** Above what `prepareDataset` holds in memory. */
const cacheBytes = 96 << 20;
const channels = 3;

export async function benchTraining(options: Partial<TrainingBenchOptions> = {}): Promise<TrainingBenchReport> {
  const { log, ...settings } = { ...trainingDefaults, ...options };
  const root = mkdtempSync(path.join(tmpdir(), 'triangle-bench-'));
  try {
    const dataset = writeCache(root, settings.size);
    try {
      return await measure(dataset, settings, log);
    } finally {
      dataset.close();
    }
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

/** A prepared dataset of noise, opened as training opens it. */
function writeCache(root: string, size: number) {
  const imageBytes = size * size * channels;
  const count = Math.ceil(cacheBytes / imageBytes);
  const fingerprint = 'bench';
  const folder = cacheFolder(root, fingerprint);
  const writer = new CacheWriter(folder, count * imageBytes);
  const image = new Uint8Array(imageBytes);
  for (let i = 0; i < count; i++) {
    const random = Random.seeded(i, 'bench training');
    for (let j = 0; j < imageBytes; j += 16) image.fill(random.integer(256), j, j + 16);
    writer.append(image);
  }
  const sides: [number, number] = [size, size];
  const sizes = { min: sides, median: sides, max: sides, channels: { grey: 0, colour: count } };
  writer.commit({
    ...{ fingerprint, source: fingerprint, count, imageBytes, dropped: [], tilesPerItem: null, problems: [], sizes },
  });
  const cache = openCache(folder, fingerprint, 0);
  if (cache === null) throw new Error('the cache was not written');
  return {
    shape: { height: size, width: size, channels } as const,
    fingerprint,
    count,
    read: (indices: ArrayLike<number>, target: Uint8Array) => cache.reader.read(indices, target),
    close: () => cache.reader.close(),
  };
}

async function measure(
  dataset: ReturnType<typeof writeCache>,
  settings: Omit<TrainingBenchOptions, 'log'>,
  log: (line: string) => void,
): Promise<TrainingBenchReport> {
  const { threads, size, batch, width, steps } = settings;
  const info = { name: settings.device as DeviceName, description: '', adapter: null, reason: 'bench' };
  const device = await openBackend(info, threads);
  const nets: NetSpec = { size, channels, width, latent: 100 };
  const objective = findObjective('joint');
  const networks = createNetworks(nets, objective.networks, 1);
  const optimiser = { beta1: 0.5, beta2: 0.999, clip: 100, averaging: 0.999 };
  const step = createTrainingStep({ networks, objective, options: resolveOptions(objective), optimiser, batch });
  const program = device.compileStep(step.request);
  const stream = new BatchStream({
    dataset,
    indices: Int32Array.from({ length: dataset.count }, (_, i) => i),
    batchSize: batch,
    seed: 1,
    augmentation: { flipHorizontal: true, flipVertical: true, shift: 2 },
  });
  const noise = new NoiseSource(1);
  const rates = { generator: 1e-4, inference: 1e-4, energy: 1e-4 };
  const waits: number[] = [];
  const times: number[] = [];
  const tenths = Array<number>(10).fill(0);
  for (let update = 1; update <= steps; update++) {
    const began = performance.now();
    const { images } = stream.next();
    const drawn = noise.next(batch, nets.latent);
    const ready = performance.now();
    await program.run(step.feeds(images, drawn, update, rates));
    const ended = performance.now();
    // The first steps compile and touch memory for the first time.
    if (update > Math.min(3, steps / 2)) {
      waits.push(ready - began);
      times.push(ended - began);
    }
    const tenth = Math.min(9, Math.floor((10 * (update - 1)) / steps));
    tenths[tenth] = Math.max(tenths[tenth] ?? 0, process.memoryUsage.rss() / mebibyte);
    if (update % Math.max(1, Math.floor(steps / 10)) === 0) {
      log(`step ${update}: ${(ended - began).toFixed(0)} ms, ${(tenths[tenth] ?? 0).toFixed(0)} MiB`);
    }
    await nextTurn();
  }
  program.dispose();
  step.dispose();
  disposeNetworks(networks);
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
  const waitingShare = sum(waits) / sum(times);
  const peakMiB = Math.max(...tenths);
  const grownMiB = (tenths[9] ?? 0) - (tenths[1] ?? 0);
  const passed = peakMiB <= limits.peakMiB && grownMiB <= limits.grownMiB && waitingShare <= limits.waitingShare;
  const [stepMs, dataMs] = [quantile(times, 0.5), quantile(waits, 0.5)];
  return { ...settings, stepMs, dataMs, waitingShare, tenthsMiB: tenths, peakMiB, grownMiB, passed };
}

export function trainingTable(report: TrainingBenchReport): string {
  const { device, size, width, batch, steps, stepMs, dataMs, waitingShare, tenthsMiB, peakMiB } = report;
  const images = ((1000 * batch) / stepMs).toFixed(0);
  return [
    `${device}, ${size}x${size}, width ${width}, batch ${batch}, ${steps} steps`,
    `step ${stepMs.toFixed(1)} ms (${images} images a second), of it waiting for data ${dataMs.toFixed(2)} ms; ` +
      `${(100 * waitingShare).toFixed(1)} % of all time`,
    `resident MiB in each tenth: ${tenthsMiB.map((mebibytes) => mebibytes.toFixed(0)).join(' ')} (highest ${peakMiB.toFixed(0)})`,
  ].join('\n');
}
