/** Positioned reads of small records from a large file, through one page of read-ahead. */
import fs from 'node:fs';
import { CoreError } from '../errors.ts';
import { readError } from './file-errors.ts';

const pageBytes = 1 << 20;

/** Reads exactly `target.length` bytes at `position`; throws where the file is shorter. */
export function readExactly(descriptor: number, target: Uint8Array, position: number, file: string): void {
  for (let done = 0; done < target.length;) {
    const got = fs.readSync(descriptor, target, done, target.length - done, position + done);
    if (got === 0) {
      throw new CoreError('dataset/truncated', `${file} ends too early: it is cut short. Copy or download it again.`);
    }
    done += got;
  }
}

/** A file that is opened at the first read. Not safe for use after `close`. */
export class PageFile {
  readonly #locate: () => Promise<string>;
  #opened: Promise<{ descriptor: number; file: string; size: number }> | null = null;
  #page: Uint8Array | null = null;
  #pageStart = 0;
  #pageLength = 0;

  /** `locate` yields the path, unpacking first where that is needed; it is called once. */
  constructor(locate: () => Promise<string>) {
    this.#locate = locate;
  }

  /** `length` bytes from `position`: a copy. */
  async read(position: number, length: number): Promise<Uint8Array> {
    const { descriptor, file, size } = await (this.#opened ??= this.#open());
    const inPage = position >= this.#pageStart && position + length <= this.#pageStart + this.#pageLength;
    if (!inPage) {
      if (length > pageBytes) {
        const whole = new Uint8Array(length);
        readExactly(descriptor, whole, position, file);
        return whole;
      }
      this.#page ??= new Uint8Array(pageBytes);
      this.#pageLength = Math.max(length, Math.min(pageBytes, size - position));
      this.#pageStart = position;
      readExactly(descriptor, this.#page.subarray(0, this.#pageLength), position, file);
    }
    const start = position - this.#pageStart;
    return (this.#page ?? new Uint8Array(0)).slice(start, start + length);
  }

  async #open(): Promise<{ descriptor: number; file: string; size: number }> {
    const file = await this.#locate();
    try {
      const descriptor = fs.openSync(file, 'r');
      return { descriptor, file, size: fs.fstatSync(descriptor).size };
    } catch (error) {
      throw readError(file, error);
    }
  }

  async close(): Promise<void> {
    const opened = this.#opened;
    this.#opened = null;
    this.#page = null;
    this.#pageLength = 0;
    if (opened === null) return;
    const result = await opened.catch(() => null);
    if (result !== null) fs.closeSync(result.descriptor);
  }
}
