/** Smallest, median and largest sides of many pictures, counted without keeping each. */
import type { SizeSummary } from './types.ts';

/** The median of values given as value -> count. */
function median(counts: ReadonlyMap<number, number>, total: number): number {
  let seen = 0;
  for (const [value, count] of [...counts].sort(([a], [b]) => a - b)) {
    seen += count;
    if (2 * seen >= total) return value;
  }
  return 0;
}

export class SizeCounter {
  readonly #widths = new Map<number, number>();
  readonly #heights = new Map<number, number>();
  #grey = 0;
  #colour = 0;

  add(width: number, height: number, channels: number): void {
    this.#widths.set(width, (this.#widths.get(width) ?? 0) + 1);
    this.#heights.set(height, (this.#heights.get(height) ?? 0) + 1);
    if (channels === 1) this.#grey++;
    else this.#colour++;
  }

  summary(): SizeSummary {
    const total = this.#grey + this.#colour;
    const extreme = (pick: (a: number, b: number) => number, start: number) =>
      [this.#widths, this.#heights].map((counts) => [...counts.keys()].reduce((a, b) => pick(a, b), start)) as [
        number,
        number,
      ];
    return {
      min: total === 0 ? [0, 0] : extreme(Math.min, Infinity),
      median: [median(this.#widths, total), median(this.#heights, total)],
      max: extreme(Math.max, 0),
      channels: { grey: this.#grey, colour: this.#colour },
    };
  }
}
