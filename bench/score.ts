/**
 * Scoring of PNG files on disk beside decoding them alone, alternating in one run: what the networks cost on top of what reading
 * the pictures costs anyway. Untrained networks of the presets' sizes; smooth random pictures, so that PNG has real work.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import sharp from 'sharp';
import { withExportBackend } from '../core/backends/graphs.ts';
import { openPictures } from '../core/datasets/pictures.ts';
import type { Preparation } from '../core/datasets/types.ts';
import { quantile } from '../core/evaluation/quantile.ts';
import { createNetworks, disposeNetworks } from '../core/nets/networks.ts';
import type { NetSpec } from '../core/nets/types.ts';
import { Random } from '../core/random.ts';
import { decodePictures, type PictureList } from '../core/scoring/pictures.ts';
import { modelOfNetworks } from '../core/scoring/graph-model.ts';
import { scoreImages } from '../core/scoring/stream.ts';
import type { ScoringModel } from '../core/scoring/types.ts';

export interface ScoreBenchmarkOptions {
  readonly sizes: readonly NetSpec['size'][];
  /** PNG files of each size. */
  readonly images: number;
  /** Times that each of the two is measured. */
  readonly rounds: number;
  readonly threads: number | undefined;
  readonly log: (line: string) => void;
}

export const scoreDefaults = {
  sizes: [32, 64, 128],
  images: 1000,
  rounds: 5,
  threads: undefined,
  log: () => undefined,
} satisfies ScoreBenchmarkOptions;

export interface ScoreFigures {
  readonly size: number;
  /** Medians over the rounds, images a second. */
  readonly decoding: number;
  readonly scoring: number;
  /** Median over the rounds of scoring's speed through decoding's, of neighbours in time. */
  readonly ratio: number;
  /** Highest resident memory while scoring, and how much higher it was in the last round than in the second. */
  readonly residentMiB: number;
  readonly grownMiB: number;
}

export interface ScoreReport {
  readonly images: number;
  readonly rounds: number;
  readonly figures: readonly ScoreFigures[];
  readonly passed: boolean;
}

/** Growth between rounds that allocators show without a leak. */
const allowedMiB = 64;
const mebibyte = 1 << 20;

/** Measures all sizes; `passed` is false when memory grows from round to round. */
export async function benchScore(options: Partial<ScoreBenchmarkOptions> = {}): Promise<ScoreReport> {
  const settings = { ...scoreDefaults, ...options };
  const figures: ScoreFigures[] = [];
  for (const size of settings.sizes) figures.push(await measureSize(size, settings));
  const passed = figures.every(({ grownMiB }) => grownMiB <= allowedMiB);
  return { images: settings.images, rounds: settings.rounds, figures, passed };
}

async function measureSize(
  size: number,
  { images, rounds, threads, log }: ScoreBenchmarkOptions,
): Promise<ScoreFigures> {
  const folder = await mkdtemp(path.join(tmpdir(), 'triangle-bench-'));
  try {
    log(`${size} pixels: writing ${images} PNG files`);
    await writePictures(folder, size, images);
    const source = await openPictures([folder]);
    const model = await untrainedModel(size, threads);
    try {
      return await alternate(size, source, model, rounds, log);
    } finally {
      await model.dispose();
      await source.close();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function alternate(
  size: number,
  list: PictureList,
  model: ScoringModel,
  rounds: number,
  log: (line: string) => void,
): Promise<ScoreFigures> {
  const { preparation } = model.description;
  const count = list.items.length;
  const decoding: number[] = [];
  const scoring: number[] = [];
  const resident: number[] = [];
  // Round 0 fills the file cache and warms the code; it does not count.
  for (let round = 0; round <= rounds; round++) {
    const alone = await imagesPerSecond(count, decodePictures({ list, preparation, ahead: 128 }));
    let highest = 0;
    const both = await imagesPerSecond(count, scoreImages({ model, list }), () => {
      highest = Math.max(highest, process.memoryUsage.rss());
    });
    if (round === 0) continue;
    decoding.push(alone);
    scoring.push(both);
    resident.push(highest / mebibyte);
    log(`${size} pixels, round ${round}: decoding ${alone.toFixed(0)}, scoring ${both.toFixed(0)} images a second`);
  }
  return {
    size,
    decoding: quantile(decoding, 0.5),
    scoring: quantile(scoring, 0.5),
    ratio: quantile(
      scoring.map((value, i) => value / (decoding[i] ?? Number.NaN)),
      0.5,
    ),
    residentMiB: Math.max(...resident),
    grownMiB: (resident.at(-1) ?? 0) - (resident[Math.min(1, resident.length - 1)] ?? 0),
  };
}

async function imagesPerSecond(count: number, results: AsyncIterable<unknown>, look?: () => void): Promise<number> {
  const start = performance.now();
  let done = 0;
  const iterator = results[Symbol.asyncIterator]();
  while ((await iterator.next()).done !== true) if (done++ % 100 === 0) look?.();
  if (done !== count) throw new Error(`${done} of ${count} pictures came out`);
  return (1000 * count) / (performance.now() - start);
}

/** Coloured noise, enlarged: gradients and edges like those of photographs. */
async function writePictures(folder: string, size: number, count: number): Promise<void> {
  const side = size / 8;
  for (let i = 0; i < count; i++) {
    const random = Random.seeded(i, 'bench score');
    const coarse = Uint8Array.from({ length: side * side * 3 }, () => random.integer(256));
    await sharp(coarse, { raw: { width: side, height: side, channels: 3 } })
      .resize(size, size, { kernel: 'cubic' })
      .png()
      .toFile(path.join(folder, `${String(i).padStart(6, '0')}.png`));
  }
}

/** Colour networks of the width that the presets have at this size. */
async function untrainedModel(size: number, threads: number | undefined): Promise<ScoringModel> {
  const spec: NetSpec = { size, channels: 3, width: 16, latent: 32 };
  const preparation: Preparation = { size, channels: 3, resize: 'fill', tiles: null };
  return withExportBackend(async () => {
    const networks = createNetworks(spec, ['generator', 'inference', 'energy'], 1);
    try {
      const facts = { objective: 'joint', sigma: 1, step: 0, weights: 'last', fingerprint: 'untrained' } as const;
      return await modelOfNetworks(networks, { ...facts, spec, preparation }, { threads });
    } finally {
      disposeNetworks(networks);
    }
  });
}

export function scoreTable({ figures, images, rounds }: ScoreReport): string {
  const rows = figures.map(({ size, decoding, scoring, ratio, residentMiB, grownMiB }) =>
    [
      `${size}x${size}`,
      decoding.toFixed(0),
      scoring.toFixed(0),
      ratio.toFixed(2),
      residentMiB.toFixed(0),
      grownMiB.toFixed(0),
    ]
      .map((cell, i) => (i === 0 ? cell.padEnd(10) : cell.padStart(13)))
      .join(''),
  );
  const head = ['images', 'decode only/s', 'scored/s', 'ratio', 'resident MiB', 'grown MiB'];
  return [
    `${images} PNG files a size, medians of ${rounds} alternating rounds`,
    head.map((cell, i) => (i === 0 ? cell.padEnd(10) : cell.padStart(13))).join(''),
    ...rows,
  ].join('\n');
}
