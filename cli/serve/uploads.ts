/** Files that were dropped into a browser, which tells no paths: copies below the library, whole or not at all. */
import { createWriteStream } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import path from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** Larger files are read from where they lie, by their path. */
export const mostUploadBytes = 2 ** 31;

export class UploadError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** `folder/sub/name.png` as safe names; throws for what is none. Windows' forbidden characters become `_`. */
export function uploadNames(given: string): string[] {
  const names = given.split('/').map((name) => name.replace(/[<>:"|?*\\\p{Cc}]/gu, '_').replace(/[. ]+$/, ''));
  const bad = names.some((name) => name === '' || name.startsWith('.') || name.length > 200);
  if (bad || names.length > 20) throw new UploadError(400, 'This file name cannot be kept. Rename the file.');
  return names;
}

/** Writes the request's body to `<dir>/<batch>/<name>` and returns that path. Throws {@link UploadError}. */
export async function receiveUpload(
  request: IncomingMessage,
  options: { readonly dir: string; readonly batch: string; readonly name: string; readonly mostBytes?: number },
): Promise<string> {
  if (!/^[A-Za-z0-9-]{1,64}$/.test(options.batch)) throw new UploadError(400, 'The batch has no name.');
  const file = path.join(options.dir, options.batch, ...uploadNames(options.name));
  const temporary = path.join(path.dirname(file), `.${process.pid}-${Date.now()}-${path.basename(file)}.tmp`);
  const most = options.mostBytes ?? mostUploadBytes;
  let bytes = 0;
  const limit = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      if (bytes > most) done(new UploadError(413, 'The file is too large to be sent. Choose it by its path instead.'));
      else done(null, chunk);
    },
  });
  try {
    await mkdir(path.dirname(file), { recursive: true });
    await pipeline(request, limit, createWriteStream(temporary, { flags: 'wx' }));
    await rename(temporary, file);
    return file;
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
