/** What is selected in a long list, by identity rather than position, so that it survives another order or filter. */
export class Selection<Key> {
  /** Replaced, never changed in place. */
  keys = $state.raw<ReadonlySet<Key>>(new Set());

  get size(): number {
    return this.keys.size;
  }

  has(key: Key): boolean {
    return this.keys.has(key);
  }

  list(): Key[] {
    return [...this.keys];
  }

  replace(keys: Iterable<Key>): void {
    this.keys = new Set(keys);
  }

  add(keys: Iterable<Key>): void {
    const all = new Set(this.keys);
    for (const key of keys) all.add(key);
    this.keys = all;
  }

  toggle(key: Key): void {
    const all = new Set(this.keys);
    if (!all.delete(key)) all.add(key);
    this.keys = all;
  }

  /** Takes away what no longer exists. */
  remove(keys: Iterable<Key>): void {
    const all = new Set(this.keys);
    for (const key of keys) all.delete(key);
    this.keys = all;
  }

  clear(): void {
    if (this.keys.size > 0) this.keys = new Set();
  }
}
