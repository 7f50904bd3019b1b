/**
 * The on-disk cache of prepared pictures: a folder `<cacheDir>/prepared/<fingerprint>/` with `images.bin` (model inputs, uint8 NHWC,
 * one after the other) and `index.json`. The folder is written under a temporary name and renamed as a whole, so that readers and
 * other writers see all of it or nothing.
 */
import fs from 'node:fs';
import path from 'node:path';
import { crc32 } from 'node:zlib';
import { z } from 'zod';
import { CoreError } from '../errors.ts';
import { removeQuietly, sweepTemporaries, syncFolder, temporaryBeside, writeAll, writeFlushed } from './atomic.ts';
import { codeOf, readError, writeError } from './file-errors.ts';
import { readExactly } from './page-file.ts';

export const cacheVersion = 1;
const blockBytes = 1 << 22;
/** Blocks of a large cache that are checked when it is opened; smaller caches are checked whole. */
const checkedBlocks = 8;

const pair = z.tuple([z.number(), z.number()]);
const indexSchema = z.object({
  version: z.literal(cacheVersion),
  fingerprint: z.string(),
  source: z.string(),
  /** Number of model inputs and bytes of each. */
  count: z.number().int().nonnegative(),
  imageBytes: z.number().int().positive(),
  /** Indices of the source's items that are not in the cache. */
  dropped: z.array(z.number().int()),
  /** Model inputs of each remaining item; null where each has one. */
  tilesPerItem: z.array(z.number().int()).nullable(),
  problems: z.array(
    z.object({
      name: z.string(),
      kind: z.enum(['unreadable', 'truncated', 'empty', 'tiny', 'huge', 'duplicate', 'unsupported']),
      detail: z.string(),
      duplicateOf: z.string().exactOptional(),
    }),
  ),
  sizes: z.object({ min: pair, median: pair, max: pair, channels: z.object({ grey: z.number(), colour: z.number() }) }),
  /** CRC-32 of each block of images.bin. */
  blocks: z.array(z.number()),
});
export type CacheIndex = z.infer<typeof indexSchema>;

const dataName = 'images.bin';
const indexName = 'index.json';

export function cacheFolder(cacheDir: string, fingerprint: string): string {
  return path.join(cacheDir, 'prepared', fingerprint);
}

/** Writes a cache folder; `commit` makes it appear, `abort` leaves nothing. */
export class CacheWriter {
  readonly #target: string;
  readonly #temporary: string;
  readonly #buffer = new Uint8Array(blockBytes);
  readonly #blocks: number[] = [];
  #filled = 0;
  #descriptor: number | null;

  /** Throws `dataset/disk-full` at once where `expectedBytes` cannot fit. */
  constructor(target: string, expectedBytes: number) {
    this.#target = target;
    this.#temporary = temporaryBeside(target);
    try {
      fs.mkdirSync(path.dirname(target), { recursive: true });
      sweepTemporaries(path.dirname(target));
      const { bavail, bsize } = fs.statfsSync(path.dirname(target));
      if (bavail * bsize < expectedBytes) {
        const amount = (bytes: number) =>
          bytes < 1e9 ? `${Math.ceil(bytes / 1e6)} MB` : `${Number((bytes / 1e9).toFixed(1)).toLocaleString('en')} GB`;
        throw new CoreError(
          'dataset/disk-full',
          `The image cache needs ${amount(expectedBytes)}, but the disk of ${path.dirname(target)} has ${amount(bavail * bsize)} left. Free some space, or choose another cache folder.`,
        );
      }
      fs.mkdirSync(this.#temporary);
      this.#descriptor = fs.openSync(path.join(this.#temporary, dataName), 'wx');
    } catch (error) {
      removeQuietly(this.#temporary);
      throw writeError(path.dirname(target), error);
    }
  }

  append(image: Uint8Array): void {
    for (let offset = 0; offset < image.length;) {
      const length = Math.min(blockBytes - this.#filled, image.length - offset);
      this.#buffer.set(image.subarray(offset, offset + length), this.#filled);
      this.#filled += length;
      offset += length;
      if (this.#filled === blockBytes) this.#flush();
    }
  }

  #flush(): void {
    if (this.#filled === 0) return;
    const block = this.#buffer.subarray(0, this.#filled);
    try {
      writeAll(this.#descriptor ?? -1, block);
    } catch (error) {
      throw writeError(path.dirname(this.#target), error);
    }
    this.#blocks.push(crc32(block));
    this.#filled = 0;
  }

  /** Makes the cache visible. Where another process was faster, its equal cache stays and this one goes. */
  commit(index: Omit<CacheIndex, 'blocks' | 'version'>): void {
    this.#flush();
    try {
      fs.fsyncSync(this.#descriptor ?? -1);
      this.#closeData();
      const whole: CacheIndex = { version: cacheVersion, ...index, blocks: this.#blocks };
      writeFlushed(path.join(this.#temporary, indexName), Buffer.from(JSON.stringify(whole)));
      syncFolder(this.#temporary);
      this.#place(index.fingerprint, 3);
      syncFolder(path.dirname(this.#target));
    } catch (error) {
      throw writeError(path.dirname(this.#target), error);
    }
  }

  #place(fingerprint: string, attempts: number): void {
    try {
      fs.renameSync(this.#temporary, this.#target);
    } catch (error) {
      const occupied =
        ['ENOTEMPTY', 'EEXIST', 'EPERM', 'EACCES'].includes(codeOf(error)) && fs.existsSync(this.#target);
      if (!occupied || attempts === 0) throw error;
      if (readCacheIndex(this.#target, fingerprint) !== null) {
        this.abort();
        return;
      }
      discardCache(this.#target);
      this.#place(fingerprint, attempts - 1);
    }
  }

  #closeData(): void {
    if (this.#descriptor !== null) fs.closeSync(this.#descriptor);
    this.#descriptor = null;
  }

  abort(): void {
    this.#closeData();
    removeQuietly(this.#temporary);
  }
}

/** Removes a broken cache: renamed first, so that nobody sees it half removed. */
export function discardCache(folder: string): void {
  const away = temporaryBeside(folder);
  try {
    fs.renameSync(folder, away);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return;
    throw writeError(path.dirname(folder), error);
  }
  removeQuietly(away);
}

/** The index of a whole cache; null where the cache is missing, broken, of another version or of other data. */
export function readCacheIndex(folder: string, fingerprint: string): CacheIndex | null {
  let descriptor: number | null = null;
  try {
    const parsed = indexSchema.safeParse(JSON.parse(fs.readFileSync(path.join(folder, indexName), 'utf8')));
    if (!parsed.success || parsed.data.fingerprint !== fingerprint) return null;
    const index = parsed.data;
    const file = path.join(folder, dataName);
    const bytes = index.count * index.imageBytes;
    descriptor = fs.openSync(file, 'r');
    if (fs.fstatSync(descriptor).size !== bytes || index.blocks.length !== Math.ceil(bytes / blockBytes)) return null;
    const last = index.blocks.length - 1;
    const checked = Math.min(index.blocks.length, checkedBlocks);
    for (let i = 0; i < checked; i++) {
      const which = checked === 1 ? 0 : Math.round((i * last) / (checked - 1));
      const start = which * blockBytes;
      const block = new Uint8Array(Math.min(blockBytes, bytes - start));
      readExactly(descriptor, block, start, file);
      if (crc32(block) !== index.blocks[which]) return null;
    }
    return index;
  } catch {
    return null;
  } finally {
    if (descriptor !== null) fs.closeSync(descriptor);
  }
}

/** Opens a whole cache; null in every case in which {@link readCacheIndex} gives null, or where it vanishes meanwhile. */
export function openCache(
  folder: string,
  fingerprint: string,
  memoryBytes: number,
): { index: CacheIndex; reader: CacheReader } | null {
  const index = readCacheIndex(folder, fingerprint);
  if (index === null) return null;
  try {
    return { index, reader: new CacheReader(folder, index, memoryBytes) };
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw readError(folder, error);
  }
}

/** Random access to the model inputs of a whole cache. */
export class CacheReader {
  readonly #file: string;
  readonly #imageBytes: number;
  readonly #count: number;
  readonly #memory: Uint8Array | null = null;
  #descriptor: number | null;

  /** Caches of at most `memoryBytes` are held in memory; others are read from the disk at each `read`. */
  constructor(folder: string, { count, imageBytes }: Pick<CacheIndex, 'count' | 'imageBytes'>, memoryBytes: number) {
    this.#file = path.join(folder, dataName);
    this.#imageBytes = imageBytes;
    this.#count = count;
    this.#descriptor = fs.openSync(this.#file, 'r');
    if (count * imageBytes <= memoryBytes) {
      this.#memory = new Uint8Array(count * imageBytes);
      readExactly(this.#descriptor, this.#memory, 0, this.#file);
    }
  }

  read(indices: ArrayLike<number>, target: Uint8Array): void {
    const bytes = this.#imageBytes;
    if (this.#descriptor === null) {
      throw new CoreError('internal/closed', 'The dataset was read after it was closed. Please report this.');
    }
    if (target.length < indices.length * bytes) {
      throw new CoreError(
        'internal/index',
        `${indices.length} images do not fit into ${target.length} bytes. Please report this.`,
      );
    }
    for (let i = 0; i < indices.length;) {
      const first = indices[i] ?? -1;
      let run = 1;
      while (i + run < indices.length && indices[i + run] === first + run) run++;
      if (!Number.isInteger(first) || first < 0 || first + run > this.#count) {
        throw new CoreError(
          'internal/index',
          `Image ${first} does not exist: there are ${this.#count}. Please report this.`,
        );
      }
      if (this.#memory === null) {
        readExactly(this.#descriptor, target.subarray(i * bytes, (i + run) * bytes), first * bytes, this.#file);
      } else {
        target.set(this.#memory.subarray(first * bytes, (first + run) * bytes), i * bytes);
      }
      i += run;
    }
  }

  close(): void {
    if (this.#descriptor !== null) fs.closeSync(this.#descriptor);
    this.#descriptor = null;
  }
}
