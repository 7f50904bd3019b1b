/** Scores as CSV after RFC 4180 (quotes doubled, CRLF), written row by row so that memory does not grow with the number of images. */
import { mkdir, open, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { CoreError, messageOf } from '../errors.ts';
import { temporaryEnding } from '../runs/atomic.ts';

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
  /** Flushes and renames, to another name than was opened if `to` says so. */
  finish(to?: string): Promise<void>;
  /** Removes the temporary file. */
  abandon(): Promise<void>;
}

/** Characters that are gathered before they are written. */
const chunk = 65_536;

/** Throws `scoring/write` here or in any of the writer's functions when the disk refuses. */
export async function openCsv(file: string, header: readonly string[]): Promise<CsvWriter> {
  const folder = path.dirname(path.resolve(file));
  const temporary = path.join(folder, `.${path.basename(file)}.${process.pid}${temporaryEnding}`);
  const attempt = async <T>(job: () => Promise<T>): Promise<T> => {
    try {
      return await job();
    } catch (error) {
      const text = `Could not write ${file}: ${messageOf(error)}. Check the disk and that you may write to the folder.`;
      throw new CoreError('scoring/write', text, { cause: error });
    }
  };
  const handle = await attempt(async () => {
    await mkdir(folder, { recursive: true });
    return open(temporary, 'w');
  });
  let text = csvRow(header);
  const flush = (): Promise<void> =>
    attempt(async () => {
      const part = text;
      text = '';
      await handle.writeFile(part);
    });
  return {
    async row(values) {
      text += csvRow(values);
      if (text.length >= chunk) await flush();
    },
    async finish(to = file) {
      await flush();
      await attempt(() => handle.sync());
      await handle.close();
      await attempt(() => rename(temporary, to));
    },
    async abandon() {
      await handle.close();
      await rm(temporary, { force: true });
    },
  };
}
