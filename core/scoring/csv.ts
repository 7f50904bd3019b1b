/** Scores as CSV after RFC 4180 (quotes doubled, CRLF), written row by row so that memory does not grow with the number of images. */
import { createWriteStream } from 'node:fs';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { once } from 'node:events';
import { CoreError, messageOf } from '../errors.ts';

export type CsvValue = string | number | null;

/** One field: quoted only where RFC 4180 asks for it; numbers with the digits that restore them exactly; null and NaN empty. */
export function csvField(value: CsvValue): string {
  if (value === null) return '';
  if (typeof value === 'number') return Number.isNaN(value) ? '' : String(value);
  return /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}

export function csvRow(values: readonly CsvValue[]): string {
  return `${values.map(csvField).join(',')}\r\n`;
}

/** A file that appears under its name only when it is whole. */
export interface CsvWriter {
  /** Resolves when the row is taken; waits while the disk is behind. */
  row(values: readonly CsvValue[]): Promise<void>;
  /** Flushes and renames. */
  finish(): Promise<void>;
  /** Removes the temporary file. */
  abandon(): Promise<void>;
}

export async function openCsv(file: string, header: readonly string[]): Promise<CsvWriter> {
  const temporary = `${file}.${process.pid}.part`;
  await mkdir(path.dirname(path.resolve(file)), { recursive: true });
  const stream = createWriteStream(temporary);
  let failure: unknown = null;
  stream.on('error', (error) => (failure = error));
  const check = (): void => {
    if (failure === null) return;
    throw new CoreError(
      'scoring/write',
      `Could not write ${file}: ${messageOf(failure)}. Check the disk and the folder's rights.`,
      {
        cause: failure,
      },
    );
  };
  const row = async (values: readonly CsvValue[]): Promise<void> => {
    check();
    if (!stream.write(csvRow(values))) await Promise.race([once(stream, 'drain'), once(stream, 'close')]);
    check();
  };
  await row(header);
  return {
    row,
    async finish() {
      stream.end();
      if (!stream.closed) await once(stream, 'close').catch(() => undefined);
      check();
      const handle = await open(temporary, 'r+');
      await handle.sync().finally(() => handle.close());
      await rename(temporary, file);
    },
    async abandon() {
      stream.destroy();
      if (!stream.closed) await once(stream, 'close').catch(() => undefined);
      await rm(temporary, { force: true });
    },
  };
}
