/** A dataset decoded once into the cache, and opened from there. One bad picture in 10,000 is reported and left out. */
import { createHash } from 'node:crypto';
import os from 'node:os';
import { CoreError } from '../errors.ts';
import { defaultCacheDir } from '../user-folders.ts';
import type { CacheIndex } from './cache.ts';
import { cacheFolder, cacheVersion, CacheWriter, openCache } from './cache.ts';
import type { ContentHash } from './duplicates.ts';
import { contentHash, DuplicateFinder } from './duplicates.ts';
import { inOrder } from './ordered.ts';
import { problemOf } from './picture-problem.ts';
import { checkPreparation, prepareImage } from './preparation.ts';
import { SizeCounter } from './sizes.ts';
import type { DatasetItem, DatasetProblem, ImageSource, PreparedDataset, Preparation, ProblemKind } from './types.ts';

export interface PrepareProgress {
  readonly done: number;
  readonly total: number;
  /** An estimate; null until there is something to estimate from. */
  readonly secondsLeft: number | null;
}

export interface PrepareOptions {
  /** Where caches live; the user's cache folder unless given. */
  readonly cacheDir?: string;
  readonly onProgress?: (progress: PrepareProgress) => void;
  /** Stops with a CoreError `cancelled`, leaving nothing behind. */
  readonly signal?: AbortSignal;
  /** Pictures decoded at once; two for each processor, at most 8, unless given. */
  readonly concurrency?: number;
  /** Caches up to this size are held in memory instead of being read from disk. */
  readonly memoryBytes?: number;
}

const defaultMemoryBytes = 64 << 20;
const progressEveryMs = 100;
const fewestEstimated = 20;

/** The cache key: what was prepared and how. */
export function preparedFingerprint(source: Pick<ImageSource, 'fingerprint'>, preparation: Preparation): string {
  const { size, channels, resize, tiles } = preparation;
  const how = [cacheVersion, size, channels, resize, tiles === null ? null : [tiles.stride, tiles.scale]];
  return createHash('sha256')
    .update(JSON.stringify([source.fingerprint, how]))
    .digest('hex');
}

type Loaded =
  | {
      readonly tiles: readonly Uint8Array[];
      readonly hash: ContentHash;
      readonly size: readonly [number, number, number];
    }
  | { readonly kind: ProblemKind; readonly detail: string };

async function load(source: ImageSource, index: number, preparation: Preparation): Promise<Loaded> {
  try {
    const image = await source.read(index);
    const hash = contentHash(image);
    const { tiles } = await prepareImage(image, preparation);
    return { tiles, hash, size: [image.width, image.height, image.channels] };
  } catch (error) {
    const problem = problemOf(error);
    if (problem === null) throw error;
    return problem;
  }
}

/** A duplicate's problem; says where labels contradict each other and where a test picture is also trained on. */
function duplicateProblem(item: DatasetItem, kept: DatasetItem): DatasetProblem {
  const conflict =
    item.label !== kept.label
      ? `, which is labelled ${kept.label ?? 'nothing'} instead of ${item.label ?? 'nothing'}`
      : '';
  const use = item.split === 'test' ? ' It stays in the test images.' : ' Only one of the two is learnt from.';
  return {
    name: item.name,
    kind: 'duplicate',
    detail: `Same picture as ${kept.name}${conflict}.${use}`,
    duplicateOf: kept.name,
  };
}

function progressReporter(total: number, report: PrepareOptions['onProgress']): (done: number) => void {
  const started = Date.now();
  let last = 0;
  return (done) => {
    const now = Date.now();
    if (report === undefined || (done < total && now - last < progressEveryMs)) return;
    last = now;
    const secondsLeft =
      done < fewestEstimated && done < total ? null : ((now - started) / 1000 / done) * (total - done);
    report({ done, total, secondsLeft });
  };
}

/** Decodes everything and writes the cache folder. */
async function build(
  source: ImageSource,
  preparation: Preparation,
  fingerprint: string,
  options: PrepareOptions & { cacheDir: string },
): Promise<void> {
  const { items } = source;
  const imageBytes = preparation.size ** 2 * preparation.channels;
  const writer = new CacheWriter(cacheFolder(options.cacheDir, fingerprint), items.length * imageBytes);
  const finder = new DuplicateFinder();
  const sizes = new SizeCounter();
  const problems: DatasetProblem[] = [];
  const dropped: number[] = [];
  const tilesPerItem: number[] = [];
  const report = progressReporter(items.length, options.onProgress);
  const concurrency = options.concurrency ?? Math.min(8, 2 * os.availableParallelism());
  try {
    let index = 0;
    let count = 0;
    const job = (i: number) => load(source, i, preparation);
    for await (const loaded of inOrder(job, { count: items.length, concurrency, signal: options.signal })) {
      const item = items[index] as DatasetItem;
      if ('kind' in loaded) {
        problems.push({ name: item.name, ...loaded });
        dropped.push(index);
      } else {
        const first = finder.seenBefore(loaded.hash, index);
        if (first !== null) problems.push(duplicateProblem(item, items[first] as DatasetItem));
        // The layout's test images stay as they are: what is measured on must not depend on what is trained on.
        if (first !== null && item.split !== 'test') {
          dropped.push(index);
        } else {
          for (const tile of loaded.tiles) writer.append(tile);
          if (preparation.tiles !== null) tilesPerItem.push(loaded.tiles.length);
          count += loaded.tiles.length;
          sizes.add(...loaded.size);
        }
      }
      report(++index);
    }
    if (count === 0) throw nothingUsable(source, problems);
    writer.commit({
      fingerprint,
      source: source.fingerprint,
      count,
      imageBytes,
      dropped,
      tilesPerItem: preparation.tiles === null ? null : tilesPerItem,
      problems,
      sizes: sizes.summary(),
    });
  } catch (error) {
    writer.abort();
    throw error;
  }
}

function nothingUsable(source: ImageSource, problems: readonly DatasetProblem[]): CoreError {
  const [first] = problems;
  const example = first === undefined ? '' : ` The first, ${first.name}: ${first.detail}`;
  return new CoreError(
    'dataset/no-usable-pictures',
    `None of the ${source.items.length} pictures (${source.description}) can be used.${example} Choose other pictures.`,
  );
}

function indexItems(index: CacheIndex, source: ImageSource): { items: readonly DatasetItem[]; itemOf: Int32Array } {
  const dropped = new Set(index.dropped);
  const items = dropped.size === 0 ? source.items : source.items.filter((_, i) => !dropped.has(i));
  const itemOf = new Int32Array(index.count);
  if (index.tilesPerItem === null) {
    for (let i = 0; i < itemOf.length; i++) itemOf[i] = i;
  } else {
    let next = 0;
    index.tilesPerItem.forEach((tiles, item) => {
      itemOf.fill(item, next, next + tiles);
      next += tiles;
    });
  }
  return { items, itemOf };
}

/**
 * Decodes a dataset into the cache, or finds it there whole, and opens it. The source may be closed afterwards.
 * Throws CoreErrors: `cancelled`, `dataset/no-usable-pictures`, `dataset/disk-full`, `dataset/cache-not-writable`, ….
 */
export async function prepareDataset(
  source: ImageSource,
  preparation: Preparation,
  options: PrepareOptions = {},
): Promise<PreparedDataset> {
  checkPreparation(preparation);
  if (source.items.length === 0) throw nothingUsable(source, source.problems);
  const cacheDir = options.cacheDir ?? defaultCacheDir();
  const fingerprint = preparedFingerprint(source, preparation);
  const folder = cacheFolder(cacheDir, fingerprint);
  const memoryBytes = options.memoryBytes ?? defaultMemoryBytes;
  let cache = openCache(folder, fingerprint, memoryBytes);
  if (cache !== null) options.onProgress?.({ done: source.items.length, total: source.items.length, secondsLeft: 0 });
  // More than one attempt only where another process replaces a broken cache at the same moment.
  for (let attempt = 0; cache === null && attempt < 3; attempt++) {
    await build(source, preparation, fingerprint, { ...options, cacheDir });
    cache = openCache(folder, fingerprint, memoryBytes);
  }
  if (cache === null) {
    throw new CoreError(
      'dataset/cache-failed',
      `The image cache ${folder} was damaged right after it was written. Check the disk.`,
    );
  }
  const { index, reader } = cache;
  const { format, description, problems } = source;
  return {
    source: { format, description, fingerprint: source.fingerprint },
    preparation,
    shape: { height: preparation.size, width: preparation.size, channels: preparation.channels },
    count: index.count,
    ...indexItems(index, source),
    problems: [...problems, ...index.problems],
    fingerprint,
    sizes: index.sizes,
    read: (indices, target) => reader.read(indices, target),
    close: () => reader.close(),
  };
}
