/**
 * Scoring of PNG files on disk beside decoding them alone, alternating in one run: what the networks cost on top of what reading
 * the pictures costs anyway. Decoding is measured twice, as this program does it and by sharp alone, which is what a program without
 * a decoder of its own would use. Untrained networks of the presets' smallest width; smooth random pictures, so that PNG has real
 * work. Last, resident memory while a hundred times as many pictures of the smallest size are scored.
 */
import { link, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import sharp from 'sharp';
import { withExportBackend } from '../core/backends/graphs.ts';
import { openPictures } from '../core/datasets/pictures.ts';
import type { ImageSource, Preparation } from '../core/datasets/types.ts';
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
  readonly sharp: number;
  readonly decoding: number;
  readonly scoring: number;
  /** Medians over the rounds of scoring's speed through those of sharp and of our own decoding, of neighbours in time. */
  readonly ofSharp: number;
  readonly ofDecoding: number;
  /** Highest resident memory while scoring, and how much higher it was in the last round than in the second. */
  readonly residentMiB: number;
  readonly grownMiB: number;
}

export interface ScoreReport {
  readonly images: number;
  readonly rounds: number;
  readonly figures: readonly ScoreFigures[];
  readonly memory: ScoreMemory;
  readonly passed: boolean;
}

/** Resident memory while many pictures are scored. */
export interface ScoreMemory {
  readonly images: number;
  readonly size: number;
  /** Highest in each tenth of the pictures. */
  readonly tenthsMiB: readonly number[];
  /** Of the last tenth less that of the second. */
  readonly grownMiB: number;
}

/** Pictures of the memory measurement for each file: links, since only their names have to differ. */
const linksPerFile = 100;
/** Pictures that sharp decodes at once, as many as our own decoding does. */
const ahead = 128;

/** Growth between rounds that allocators show without a leak. */
const allowedMiB = 64;
const mebibyte = 1 << 20;

/** Measures all sizes; `passed` is false when memory grows from round to round. */
export async function benchScore(options: Partial<ScoreBenchmarkOptions> = {}): Promise<ScoreReport> {
  const settings = { ...scoreDefaults, ...options };
  const figures: ScoreFigures[] = [];
  for (const size of settings.sizes) {
    const measure = (list: ImageSource, model: ScoringModel): Promise<ScoreFigures> =>
      alternate(size, list, model, settings);
    figures.push(await withPictures(size, 1, settings, measure));
  }
  const [smallest = 32] = [...settings.sizes].sort((a, b) => a - b);
  const memory = await withPictures(smallest, linksPerFile, settings, (list, model) =>
    measureMemory(smallest, list, model, settings.log),
  );
  const passed = [...figures, memory].every(({ grownMiB }) => grownMiB <= allowedMiB);
  return { images: settings.images, rounds: settings.rounds, figures, memory, passed };
}

/** Runs `measure` on PNG files in a temporary folder, each `links` times under other names. */
async function withPictures<T>(
  size: number,
  links: number,
  { images, threads, log }: ScoreBenchmarkOptions,
  measure: (list: ImageSource, model: ScoringModel) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(path.join(tmpdir(), 'triangle-bench-'));
  try {
    log(`${size} pixels: writing ${images} PNG files${links > 1 ? `, each ${links} times` : ''}`);
    await writePictures(path.join(folder, '0'), size, images);
    for (let copy = 1; copy < links; copy++) {
      const other = path.join(folder, String(copy));
      await mkdir(other);
      for (const name of await readdir(path.join(folder, '0')))
        await link(path.join(folder, '0', name), path.join(other, name));
    }
    const source = await openPictures([folder]);
    const model = await untrainedModel(size, threads);
    try {
      return await measure(source, model);
    } finally {
      await model.dispose();
      await source.close();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Scores all pictures once and looks at the resident memory meanwhile. */
async function measureMemory(
  size: number,
  list: PictureList,
  model: ScoringModel,
  log: (line: string) => void,
): Promise<ScoreMemory> {
  const images = list.items.length;
  const tenths = Array<number>(10).fill(0);
  let done = 0;
  const scored = scoreImages({ model, list });
  const speed = await imagesPerSecond(images, scored, () => {
    const tenth = Math.min(9, Math.floor((10 * done) / images));
    tenths[tenth] = Math.max(tenths[tenth] ?? 0, process.memoryUsage.rss() / mebibyte);
    done += lookEvery;
  });
  log(`${size} pixels: ${images} images scored at ${speed.toFixed(0)} a second`);
  return { images, size, tenthsMiB: tenths, grownMiB: (tenths[9] ?? 0) - (tenths[1] ?? 0) };
}

async function alternate(
  size: number,
  list: ImageSource,
  model: ScoringModel,
  { rounds, log }: ScoreBenchmarkOptions,
): Promise<ScoreFigures> {
  const { preparation } = model.description;
  const count = list.items.length;
  const files = list.items.map((_, i) => list.pathOf(i) ?? '');
  const bySharp: number[] = [];
  const decoding: number[] = [];
  const scoring: number[] = [];
  const resident: number[] = [];
  // Round 0 fills the file cache and warms the code; it does not count.
  for (let round = 0; round <= rounds; round++) {
    const sharpAlone = await sharpImagesPerSecond(files);
    const alone = await imagesPerSecond(count, decodePictures({ list, preparation, ahead }));
    let highest = 0;
    const both = await imagesPerSecond(count, scoreImages({ model, list }), () => {
      highest = Math.max(highest, process.memoryUsage.rss());
    });
    if (round === 0) continue;
    bySharp.push(sharpAlone);
    decoding.push(alone);
    scoring.push(both);
    resident.push(highest / mebibyte);
    const speeds = [sharpAlone, alone, both].map((speed) => speed.toFixed(0));
    log(
      `${size} pixels, round ${round}: sharp ${speeds[0]}, decoding ${speeds[1]}, scoring ${speeds[2]} images a second`,
    );
  }
  const shareOf = (peer: readonly number[]): number =>
    quantile(
      scoring.map((value, i) => value / (peer[i] ?? Number.NaN)),
      0.5,
    );
  return {
    size,
    sharp: quantile(bySharp, 0.5),
    decoding: quantile(decoding, 0.5),
    scoring: quantile(scoring, 0.5),
    ofSharp: shareOf(bySharp),
    ofDecoding: shareOf(decoding),
    residentMiB: Math.max(...resident),
    grownMiB: (resident.at(-1) ?? 0) - (resident[Math.min(1, resident.length - 1)] ?? 0),
  };
}

/** Results between two looks at the memory. */
const lookEvery = 100;

/** Files read and decoded by sharp, one thread each, many at once: its fastest way with small pictures. */
async function sharpImagesPerSecond(files: readonly string[]): Promise<number> {
  const start = performance.now();
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let file = files[next++]; file !== undefined; file = files[next++]) await sharp(file).raw().toBuffer();
  };
  await Promise.all(Array.from({ length: ahead }, worker));
  return (1000 * files.length) / (performance.now() - start);
}

async function imagesPerSecond(count: number, results: AsyncIterable<unknown>, look?: () => void): Promise<number> {
  const start = performance.now();
  let done = 0;
  const iterator = results[Symbol.asyncIterator]();
  while ((await iterator.next()).done !== true) if (done++ % lookEvery === 0) look?.();
  if (done !== count) throw new Error(`${done} of ${count} pictures came out`);
  return (1000 * count) / (performance.now() - start);
}

/** Coloured noise, enlarged: gradients and edges like those of photographs. */
async function writePictures(folder: string, size: number, count: number): Promise<void> {
  const side = size / 8;
  await mkdir(folder, { recursive: true });
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

export function scoreTable({ figures, memory, images, rounds }: ScoreReport): string {
  const line = (cells: readonly string[]): string =>
    cells.map((cell, i) => (i === 0 ? cell.padEnd(10) : cell.padStart(14))).join('');
  const rows = figures.map(({ size, sharp, decoding, scoring, ofSharp, ofDecoding, residentMiB, grownMiB }) =>
    line([
      `${size}x${size}`,
      ...[sharp, decoding, scoring].map((speed) => speed.toFixed(0)),
      ...[ofSharp, ofDecoding].map((share) => share.toFixed(2)),
      ...[residentMiB, grownMiB].map((mebibytes) => mebibytes.toFixed(0)),
    ]),
  );
  return [
    `${images} PNG files a size, medians of ${rounds} alternating rounds, images a second`,
    line(['images', 'sharp alone', 'decoding', 'scored', 'of sharp', 'of decoding', 'resident MiB', 'grown MiB']),
    ...rows,
    `${memory.images} images of ${memory.size}x${memory.size}, MiB in each tenth: ` +
      memory.tenthsMiB.map((mebibytes) => mebibytes.toFixed(0)).join(' '),
  ].join('\n');
}
