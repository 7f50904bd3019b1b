/** How many pictures lie above a threshold, answered from the curve that was fetched once: no call while a line is dragged. */
import type { AnswerOf } from '../../../ipc/contract.ts';

/** Thresholds ascend; counts are of scores strictly above, so they descend. */
export type Curve = AnswerOf<'scoring.curve'>;

/** First place whose threshold is above `value`; the curve's length where there is none. */
function firstAbove(thresholds: readonly number[], value: number): number {
  let low = 0;
  let high = thresholds.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((thresholds[middle] ?? Infinity) > value) high = middle;
    else low = middle + 1;
  }
  return low;
}

/**
 * Pictures above `value`: exact at the curve's own thresholds, in between on the straight line. Below the curve everything
 * counts as above (`total`), and from its last threshold on whatever it has there.
 */
export function countAbove(
  thresholds: readonly number[],
  counts: readonly number[],
  value: number,
  total: number,
): number {
  const next = firstAbove(thresholds, value);
  if (next === 0) return total;
  const left = counts[next - 1] ?? 0;
  const right = counts[next];
  const from = thresholds[next - 1] ?? value;
  const to = thresholds[next];
  if (right === undefined || to === undefined || to === from) return left;
  return Math.round(left + ((right - left) * (value - from)) / (to - from));
}

/** The lowest threshold of the curve that at most `rate` of the held-out normals exceed; null without any. */
export function thresholdForFalseAlarms(curve: Curve, heldOutTotal: number, rate: number): number | null {
  if (heldOutTotal === 0) return null;
  const allowed = rate * heldOutTotal;
  const place = curve.heldOut.findIndex((above) => above <= allowed);
  return (place < 0 ? curve.thresholds.at(-1) : curve.thresholds[place]) ?? null;
}

/** Counts of each bin as a share of all (or of `total`) in per cent, so that 50 held-out pictures and 20,000 new ones can share an axis. */
export function shares(counts: readonly number[], total = counts.reduce((sum, count) => sum + count, 0)): number[] {
  return counts.map((count) => (total === 0 ? 0 : (100 * count) / total));
}

/** A rate as people say it: 0.005 is 5 in 1,000. */
export const inThousand = (rate: number): number => Math.round(rate * 1e6) / 1e3;
