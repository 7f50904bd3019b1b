/** A small list in one JSON file: checked when read, written whole, changes one after the other. */
import { mkdir, readFile, rename, stat } from 'node:fs/promises';
import path from 'node:path';
import type { z } from 'zod';
import { systemCode, writeJsonAtomic } from '../runs/atomic.ts';

export class JsonStore<T> {
  readonly #file: string;
  readonly #schema: z.ZodType<T>;
  readonly #initial: T;
  #known: { readonly stamp: string; readonly value: T } | null = null;
  #queue: Promise<unknown> = Promise.resolve();

  constructor(file: string, schema: z.ZodType<T>, initial: T) {
    this.#file = file;
    this.#schema = schema;
    this.#initial = initial;
  }

  /** The value on the disk, which another process may have changed. A damaged file is put aside and the initial value taken. */
  async read(): Promise<T> {
    let stamp: string;
    try {
      const { mtimeMs, size, ino } = await stat(this.#file);
      stamp = `${mtimeMs} ${size} ${ino}`;
    } catch (error) {
      if (systemCode(error) !== 'ENOENT') throw error;
      return this.#initial;
    }
    if (this.#known?.stamp === stamp) return this.#known.value;
    try {
      const value = this.#schema.parse(JSON.parse(await readFile(this.#file, 'utf8')));
      this.#known = { stamp, value };
      return value;
    } catch {
      // Never thrown away: a person may want to mend it by hand.
      await rename(this.#file, `${this.#file}.damaged-${Date.now()}`).catch(() => undefined);
      return this.#initial;
    }
  }

  /** Changes the value; `update` gets what is on the disk now. */
  async change(update: (value: T) => T): Promise<T> {
    const turn = this.#queue.then(async () => {
      const value = update(await this.read());
      await mkdir(path.dirname(this.#file), { recursive: true });
      await writeJsonAtomic(this.#file, value);
      this.#known = null;
      return value;
    });
    this.#queue = turn.catch(() => undefined);
    return turn;
  }
}
