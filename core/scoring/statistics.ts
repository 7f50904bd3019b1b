/** Robust location and spread of scores of normal images, and order statistics on plain arrays. */

/** Location and spread that one outlier among the normals does not move. */
export interface RobustStatistics {
  readonly median: number;
  /** 1.4826 times the median absolute deviation: the standard deviation, were the scores Gaussian. Always above zero. */
  readonly spread: number;
}

/** Quantile with linear interpolation between order statistics (Hyndman and Fan 1996, type 7); `sorted` ascends. */
export function quantileOfSorted(sorted: ArrayLike<number>, q: number): number {
  const position = Math.min(Math.max(q, 0), 1) * (sorted.length - 1);
  const below = Math.floor(position);
  const low = sorted[below] ?? Number.NaN;
  const high = sorted[Math.min(below + 1, sorted.length - 1)] ?? Number.NaN;
  return low + (high - low) * (position - below);
}

/** An ascending copy without the values that are not finite. */
export function sortedFinite(values: ArrayLike<number>): Float64Array {
  return Float64Array.from(values).filter(Number.isFinite).sort();
}

/**
 * Median and scaled median absolute deviation; where more than half of the values are equal the standard deviation takes its
 * place, and 1 where all are equal.
 */
export function robustStatistics(values: ArrayLike<number>): RobustStatistics {
  const sorted = sortedFinite(values);
  if (sorted.length === 0) return { median: 0, spread: 1 };
  const median = quantileOfSorted(sorted, 0.5);
  const deviations = sorted.map((value) => Math.abs(value - median)).sort();
  let spread = 1.4826 * quantileOfSorted(deviations, 0.5);
  if (!(spread > 0)) {
    const mean = sorted.reduce((sum, value) => sum + value, 0) / sorted.length;
    spread = Math.sqrt(sorted.reduce((sum, value) => sum + (value - mean) ** 2, 0) / sorted.length);
  }
  return { median, spread: spread > 0 ? spread : 1 };
}
