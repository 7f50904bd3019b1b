/** Opened datasets, shared by everything that shows pictures of them. */
import { openSource } from '../datasets/index.ts';
import type { ImageSource } from '../datasets/index.ts';
import { Pool } from './pool.ts';

export class Sources {
  readonly #pool = new Pool<ImageSource>(4, (source) => source.close());
  readonly #cacheDir: string;

  constructor(cacheDir: string) {
    this.#cacheDir = cacheDir;
  }

  /** Throws what opening a dataset throws. */
  async use<R>(source: string, job: (opened: ImageSource) => Promise<R> | R): Promise<R> {
    return this.#pool.use(source, () => openSource(source, { cacheDir: this.#cacheDir }), job);
  }

  /** Looks at the files anew at the next use. */
  async refresh(source: string): Promise<void> {
    await this.#pool.drop(source);
  }

  async close(): Promise<void> {
    await this.#pool.clear();
  }
}
