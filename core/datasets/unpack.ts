/** Compressed containers: hashed, and decompressed once, streaming, into the cache. */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { CoreError, messageOf } from '../errors.ts';
import { removeQuietly, sweepTemporaries, syncFolder, temporaryBeside } from './atomic.ts';
import { codeOf, readError, writeError } from './file-errors.ts';

/** sha256 of a file's contents, hex, read in pieces. */
export async function hashFile(file: string): Promise<string> {
  const hash = createHash('sha256');
  try {
    for await (const piece of fs.createReadStream(file, { highWaterMark: 1 << 20 })) hash.update(piece as Buffer);
  } catch (error) {
    throw readError(file, error);
  }
  return hash.digest('hex');
}

/** Whether the file starts like gzip. */
export function isGzip(file: string): boolean {
  const descriptor = fs.openSync(file, 'r');
  try {
    const start = Buffer.alloc(2);
    return fs.readSync(descriptor, start, 0, 2, 0) === 2 && start[0] === 0x1f && start[1] === 0x8b;
  } finally {
    fs.closeSync(descriptor);
  }
}

/** The first `length` bytes of a file, decompressed where it is gzip; fewer where it is shorter or damaged. */
export async function firstBytes(file: string, length: number): Promise<Uint8Array> {
  const raw = fs.createReadStream(file, { highWaterMark: 1 << 14 });
  const stream = isGzip(file) ? raw.pipe(createGunzip()) : raw;
  raw.on('error', (error) => stream.destroy(error));
  const pieces: Buffer[] = [];
  let have = 0;
  try {
    for await (const piece of stream) {
      pieces.push(piece as Buffer);
      have += (piece as Buffer).length;
      if (have >= length) break;
    }
  } catch {
    // Damaged data: what came before the damage is enough to judge by.
  } finally {
    raw.destroy();
  }
  return Buffer.concat(pieces).subarray(0, length);
}

/** Says in words what a failed decompression of `file` means. */
export function damaged(file: string, error: unknown): CoreError {
  if (error instanceof CoreError) return error;
  if (codeOf(error) === 'Z_BUF_ERROR') {
    return new CoreError('dataset/truncated', `${file} is cut short. Copy or download it again.`, { cause: error });
  }
  if (codeOf(error).startsWith('Z_')) {
    return new CoreError('dataset/damaged', `${file} is damaged (${messageOf(error)}). Copy or download it again.`, {
      cause: error,
    });
  }
  return readError(file, error);
}

export interface UnpackRequest {
  /** The compressed file, for messages. */
  readonly file: string;
  readonly cacheDir: string;
  /** Unique name of the result within the cache. */
  readonly key: string;
  /** Size that the result must not exceed. */
  readonly limitBytes: number;
  /** The decompressed bytes. */
  readonly bytes: () => AsyncIterable<Uint8Array>;
}

/** Writes the decompressed bytes to `<cacheDir>/unpacked/<key>` unless they are there; resolves to that path. */
export async function unpack({ file, cacheDir, key, limitBytes, bytes }: UnpackRequest): Promise<string> {
  const folder = path.join(cacheDir, 'unpacked');
  const target = path.join(folder, key);
  if (fs.existsSync(target)) return target;
  const temporary = temporaryBeside(target);
  async function* limited(): AsyncGenerator<Uint8Array> {
    let have = 0;
    try {
      for await (const piece of bytes()) {
        have += piece.length;
        if (have > limitBytes) {
          throw new CoreError('dataset/damaged', `${file} holds more than its header says. Copy or download it again.`);
        }
        yield piece;
      }
    } catch (error) {
      throw damaged(file, error);
    }
  }
  try {
    fs.mkdirSync(folder, { recursive: true });
    sweepTemporaries(folder);
    await pipeline(limited, fs.createWriteStream(temporary, { flags: 'wx' }));
    const descriptor = fs.openSync(temporary, 'r+');
    try {
      fs.fsyncSync(descriptor);
    } finally {
      fs.closeSync(descriptor);
    }
    fs.renameSync(temporary, target);
    syncFolder(folder);
    return target;
  } catch (error) {
    removeQuietly(temporary);
    throw writeError(folder, error);
  }
}

/** The gunzipped bytes of a file, in pieces. */
export async function* gunzipped(file: string): AsyncGenerator<Uint8Array> {
  const raw = fs.createReadStream(file, { highWaterMark: 1 << 18 });
  const stream = createGunzip({ chunkSize: 1 << 18 });
  raw.on('error', (error) => stream.destroy(error));
  raw.pipe(stream);
  try {
    for await (const piece of stream) yield piece as Buffer;
  } finally {
    raw.destroy();
    stream.destroy();
  }
}
