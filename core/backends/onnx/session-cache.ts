/** Compiled graphs by their signature, least recently used first out: every session owns threads and memory. */
import type { Session } from './session.ts';

export interface CachedSession {
  readonly session: Session;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

export class SessionCache {
  // A Map iterates in insertion order; a hit is inserted anew, so the first key is the least recently used.
  readonly #entries = new Map<string, CachedSession>();
  readonly #capacity: number;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get size(): number {
    return this.#entries.size;
  }

  get(key: string): CachedSession | undefined {
    const entry = this.#entries.get(key);
    if (entry !== undefined) {
      this.#entries.delete(key);
      this.#entries.set(key, entry);
    }
    return entry;
  }

  set(key: string, entry: CachedSession): void {
    this.#entries.set(key, entry);
    for (const [oldest, { session }] of this.#entries) {
      if (this.#entries.size <= this.#capacity) break;
      this.#entries.delete(oldest);
      session.dispose();
    }
  }

  clear(): void {
    for (const { session } of this.#entries.values()) session.dispose();
    this.#entries.clear();
  }
}
