/** The few most and least anomalous of a stream of any length. */

/** Keeps the `size` entries with the highest value, best first; of equals the earlier one. */
export class Top<T> {
  readonly #size: number;
  readonly #entries: { readonly value: number; readonly item: T }[] = [];

  constructor(size: number) {
    this.#size = size;
  }

  /** NaN is never kept. */
  add(value: number, item: T): void {
    const last = this.#entries.at(-1);
    if (Number.isNaN(value) || this.#size === 0) return;
    if (this.#entries.length === this.#size && last !== undefined && value <= last.value) return;
    let low = 0;
    let high = this.#entries.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#entries[middle]?.value ?? 0) >= value) low = middle + 1;
      else high = middle;
    }
    this.#entries.splice(low, 0, { value, item });
    if (this.#entries.length > this.#size) this.#entries.pop();
  }

  items(): T[] {
    return this.#entries.map(({ item }) => item);
  }
}
