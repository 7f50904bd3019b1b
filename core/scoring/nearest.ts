/**
 * The training images most like a picture: distance of the inferred means first, or of a critic's features where nothing is inferred, and
 * of pixels beside it. Does a model copy its data?
 */
import { readFile } from 'node:fs/promises';
import { toModelInput } from '../datasets/batches.ts';
import { throwIfCancelled } from '../errors.ts';
import { writeFileAtomic } from '../runs/atomic.ts';
import type { RunFolder } from '../runs/run-folder.ts';
import { defaultBatchSize } from './batches.ts';
import { openRunData } from './held-out.ts';
import { decodePictures } from './pictures.ts';
import type { ScoreProgress } from './stream.ts';
import type { ScoringModel } from './types.ts';

/** More training images than this are thinned evenly: the index takes a moment, not minutes. */
const mostIndexed = 20_000;

/** Where distances are measured: `latent`: means of q(z|x); `features`: the last hidden layer of a critic. */
export type NearestSpace = 'latent' | 'features';

export function spaceOf({ reconstructs }: Pick<ScoringModel, 'reconstructs'>): NearestSpace {
  return reconstructs ? 'latent' : 'features';
}

/** Places of `images` [count, size, size, channels] in the model's space, [count, width]. Throws `objective/cannot` where there is none. */
export async function placesOf(model: ScoringModel, images: Float32Array, count: number): Promise<Float32Array> {
  if (spaceOf(model) === 'latent' || model.energy === null) return (await model.infer(images, count)).mean;
  // A critic looks at no latent vector.
  return (await model.energy(images, new Float32Array(0), count)).features;
}

/** Places of training images; with tiles of their middle one. */
export interface NearestIndex {
  readonly names: readonly string[];
  /** Indices into the run's dataset without its left-out files. */
  readonly indices: readonly number[];
  /** [names, width]. */
  readonly places: Float32Array;
  /** Numbers of one place. */
  readonly width: number;
}

export interface NearestOptions {
  readonly cacheDir?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: ScoreProgress) => void) | undefined;
}

/** The stored index of exactly this model, or a fresh one, kept in the run's `scores` folder. Throws `scoring/data-changed`. */
export async function ensureNearestIndex(
  run: RunFolder,
  model: ScoringModel,
  options: NearestOptions = {},
): Promise<NearestIndex> {
  const { fingerprint } = model.description;
  const file = await run.scoresPath(`nearest-${fingerprint.slice(0, 12)}.json`);
  const stored = await readIndex(file);
  if (stored !== null) return stored;
  const index = await buildIndex(run, model, options);
  const places = Buffer.from(index.places.buffer, index.places.byteOffset, index.places.byteLength).toString('base64');
  await writeFileAtomic(file, JSON.stringify({ names: index.names, indices: index.indices, means: places }));
  return index;
}

async function readIndex(file: string): Promise<NearestIndex | null> {
  try {
    const value = JSON.parse(await readFile(file, 'utf8')) as { names: string[]; indices: number[]; means: string };
    const bytes = Buffer.from(value.means, 'base64');
    const width = bytes.length / (4 * Math.max(1, value.names.length));
    if (!Number.isInteger(width) || value.indices.length !== value.names.length) return null;
    const places = new Float32Array(bytes.length / 4);
    for (let i = 0; i < places.length; i++) places[i] = bytes.readFloatLE(4 * i);
    return { names: value.names, indices: value.indices, places, width };
  } catch {
    return null;
  }
}

async function buildIndex(run: RunFolder, model: ScoringModel, options: NearestOptions): Promise<NearestIndex> {
  const { spec, preparation } = model.description;
  const batchSize = defaultBatchSize(spec.size);
  const length = spec.size * spec.size * spec.channels;
  const data = await openRunData(run.manifest, options);
  try {
    const trained = data.source.items.flatMap(({ name }, index) => (data.trained.has(name) ? [index] : []));
    const stride = Math.max(1, trained.length / mostIndexed);
    const chosen = Array.from(
      { length: Math.min(trained.length, mostIndexed) },
      (_, i) => trained[Math.floor(i * stride)] ?? 0,
    );
    const names: string[] = [];
    const indices: number[] = [];
    const places: number[] = [];
    let width = 0;
    const batch = new Float32Array(batchSize * length);
    let filled = 0;
    const flush = async (): Promise<void> => {
      const found = await placesOf(model, batch, batchSize);
      width = found.length / batchSize;
      for (const value of found.subarray(0, filled * width)) places.push(value);
      filled = 0;
    };
    const start = performance.now();
    let done = 0;
    const { signal } = options;
    const pictures = decodePictures({ list: data.source, preparation, ahead: 2 * batchSize, indices: chosen, signal });
    for await (const picture of pictures) {
      throwIfCancelled(signal);
      done++;
      if (picture.kind === 'skipped') continue;
      const tile = picture.tiles[picture.tiles.length >> 1] ?? new Uint8Array(length);
      toModelInput(tile, batch.subarray(filled * length, (filled + 1) * length));
      names.push(picture.name);
      indices.push(picture.index);
      if (++filled === batchSize) await flush();
      const secondsLeft = ((performance.now() - start) / 1000 / done) * (chosen.length - done);
      options.onProgress?.({ done, total: chosen.length, skipped: done - names.length, secondsLeft });
    }
    if (filled > 0) await flush();
    return { names, indices, places: Float32Array.from(places), width };
  } finally {
    await data.source.close();
  }
}

export interface NearestImage {
  readonly name: string;
  readonly index: number;
  readonly distance: number;
}

/** The `count` entries closest to a place [width], closest first. */
export function nearestTo(index: NearestIndex, place: Float32Array, count: number): NearestImage[] {
  const { width } = index;
  const distances = Float64Array.from(index.names, (_, i) => {
    let sum = 0;
    for (let j = 0; j < width; j++) sum += ((index.places[i * width + j] ?? 0) - (place[j] ?? 0)) ** 2;
    return Math.sqrt(sum);
  });
  const order = Array.from(distances.keys()).sort((a, b) => (distances[a] ?? 0) - (distances[b] ?? 0) || a - b);
  return order.slice(0, count).map((i) => ({
    name: index.names[i] ?? '',
    index: index.indices[i] ?? 0,
    distance: distances[i] ?? Number.NaN,
  }));
}

/** Root mean squared difference of two model inputs, uint8, in units of [-1, 1]. */
export function pixelDistance(a: Uint8Array, b: Uint8Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += ((a[i] ?? 0) - (b[i] ?? 0)) ** 2;
  return Math.sqrt(sum / Math.max(1, a.length)) / 127.5;
}
