/** A few expensive things kept open (datasets, models): opened once, shared, closed when others need the place and nobody uses them. */

interface Entry<T> {
  readonly opened: Promise<T>;
  users: number;
  /** Closed by the last user. */
  stale: boolean;
}

export class Pool<T> {
  readonly #entries = new Map<string, Entry<T>>();
  readonly #most: number;
  readonly #close: (value: T) => Promise<void>;

  constructor(most: number, close: (value: T) => Promise<void>) {
    this.#most = most;
    this.#close = close;
  }

  /** Runs `job` with the thing of `key`; it stays open at least until the job is done. */
  async use<R>(key: string, open: () => Promise<T>, job: (value: T) => Promise<R> | R): Promise<R> {
    let entry = this.#entries.get(key);
    if (entry === undefined) entry = { opened: open(), users: 0, stale: false };
    // Set again: the map's order is the order of last use.
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    entry.users++;
    try {
      const value = await entry.opened;
      this.#trim();
      return await job(value);
    } catch (error) {
      const failed = await entry.opened.then(
        () => false,
        () => true,
      );
      if (failed && this.#entries.get(key) === entry) this.#entries.delete(key);
      throw error;
    } finally {
      entry.users--;
      if (entry.stale && entry.users === 0) await this.#closeEntry(entry);
    }
  }

  /** Forgets what is kept under `key`; the next use opens it anew. */
  async drop(key: string): Promise<void> {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    this.#entries.delete(key);
    entry.stale = true;
    if (entry.users === 0) await this.#closeEntry(entry);
  }

  async clear(): Promise<void> {
    for (const key of [...this.#entries.keys()]) await this.drop(key);
  }

  #trim(): void {
    for (const [key, entry] of this.#entries) {
      if (this.#entries.size <= this.#most) return;
      if (entry.users === 0) void this.drop(key);
    }
  }

  async #closeEntry({ opened }: Entry<T>): Promise<void> {
    const value = await opened.catch(() => null);
    if (value !== null) await this.#close(value).catch(() => undefined);
  }
}
