/** Counts of values in bins of equal width. */
import { CoreError } from '../errors.ts';

export interface Histogram {
  /** `bins + 1` ascending borders; a value on a border belongs to the bin above it, the largest to the last bin. */
  readonly edges: readonly number[];
  readonly counts: readonly number[];
  /** Values outside the borders, and those that are not finite: counted, not shown. */
  readonly outside: number;
}

export interface HistogramOptions {
  readonly bins: number;
  /** Lowest and highest border; default: of the finite values. */
  readonly range?: readonly [number, number];
}

function finiteRange(values: ArrayLike<number>): readonly [number, number] {
  let low = Infinity;
  let high = -Infinity;
  for (let i = 0; i < values.length; i++) {
    const value = values[i] ?? NaN;
    if (!Number.isFinite(value)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (low > high) return [0, 1];
  // All equal: one bin wide around the value.
  return low === high ? [low - 0.5, high + 0.5] : [low, high];
}

/** Throws `evaluation/bins` for a number of bins below one or a range that does not ascend. */
export function histogram(values: ArrayLike<number>, options: HistogramOptions): Histogram {
  const { bins } = options;
  const [low, high] = options.range ?? finiteRange(values);
  if (!Number.isInteger(bins) || bins < 1 || !(low < high)) {
    const text = `Got ${bins} bins from ${low} to ${high}. Give at least one bin and a range that ascends.`;
    throw new CoreError('evaluation/bins', text);
  }
  const edges = Array.from({ length: bins + 1 }, (_, i) => (i === bins ? high : low + ((high - low) * i) / bins));
  const counts = new Array<number>(bins).fill(0);
  let outside = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i] ?? NaN;
    if (!(value >= low && value <= high)) {
      outside++;
      continue;
    }
    const bin = Math.min(bins - 1, Math.floor(((value - low) / (high - low)) * bins));
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  return { edges, counts, outside };
}
