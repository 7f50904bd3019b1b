/** Quantiles by linear interpolation between order statistics (type 7 of Hyndman and Fan 1996). */
import { CoreError } from '../errors.ts';

/**
 * The value below which the share `q` of the values lies. Throws `evaluation/quantile` for q outside [0, 1],
 * `evaluation/length` for no values, `evaluation/not-a-number`.
 */
export function quantile(values: ArrayLike<number>, q: number): number {
  if (!(q >= 0 && q <= 1)) {
    throw new CoreError('evaluation/quantile', `The quantile ${q} was asked for. Give one between 0 and 1.`);
  }
  if (values.length === 0) {
    throw new CoreError('evaluation/length', 'There are no values to take a quantile of. Give at least one.');
  }
  const sorted = Float64Array.from(values).sort();
  // NaN sorts last.
  if (Number.isNaN(sorted.at(-1))) {
    throw new CoreError('evaluation/not-a-number', 'A value is not a number. Leave such values out.');
  }
  const position = q * (sorted.length - 1);
  const below = Math.floor(position);
  const low = sorted[below] ?? NaN;
  const high = sorted[Math.ceil(position)] ?? NaN;
  // Equal infinities would make NaN below.
  return low === high ? low : low + (high - low) * (position - below);
}
