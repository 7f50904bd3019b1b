/** Thresholds: from held-out normals at a false-alarm rate, by the best F1 where labels exist, or by hand. Labels never change a raw score. */
import { CoreError } from '../errors.ts';
import { f1max } from '../evaluation/f1max.ts';
import { sortedFinite } from './statistics.ts';

export interface Threshold {
  /** An image is called anomalous when its score is ABOVE this. */
  readonly value: number;
  readonly kind: 'false-alarms' | 'best-f1' | 'by-hand';
  /** One sentence: how it came about, and what it can promise. */
  readonly explanation: string;
  /** True when there are too few held-out normals for the rate that was asked for. */
  readonly weak: boolean;
}

/**
 * The k-th smallest score of n held-out normals, k = ceil((n + 1)(1 - rate)): a new normal image exceeds it with probability at most
 * `rate` (split conformal prediction, Vovk et al. 2005), if it comes from the same source. For rates below 1 / (n + 1) no such
 * promise exists: the largest score is taken and the explanation says so. `onTraining`: the images were trained on, so none exists at all.
 */
export function thresholdFromNormals(scores: ArrayLike<number>, rate: number, onTraining = false): Threshold {
  if (!(rate > 0 && rate < 1)) {
    throw new CoreError(
      'scoring/rate',
      `A false-alarm rate of ${rate} was given. Give one between 0 and 1, for example 0.01.`,
    );
  }
  const sorted = sortedFinite(scores);
  const n = sorted.length;
  if (n === 0) {
    throw new CoreError(
      'scoring/no-normals',
      'There are no held-out normal images to set a threshold from. Set one by hand with --threshold, or train again with more normal images.',
    );
  }
  // The small subtraction keeps (n + 1)(1 - rate) from passing a whole number by rounding alone.
  const k = Math.max(1, Math.ceil((n + 1) * (1 - rate) - 1e-9));
  const weak = k > n;
  const value = sorted[Math.min(k, n) - 1] ?? Number.NaN;
  const inThousand = Number((1000 * rate).toPrecision(3));
  const explanation = weak
    ? `The highest score of ${n} held-out normal images. So few cannot promise a false-alarm rate of ${rate}: the smallest is ${(1 / (n + 1)).toPrecision(2)}. Hold out at least ${Math.ceil(1 / rate) - 1} normal images for it.`
    : `At most about ${inThousand} false alarms in 1,000 normal images, estimated from ${n} held-out ones.`;
  if (onTraining) {
    const text = `Estimated from ${n} images that were trained on, because none were held out: expect more false alarms than a rate of ${rate}.`;
    return { value, kind: 'false-alarms', explanation: text, weak: true };
  }
  return { value, kind: 'false-alarms', explanation, weak };
}

/** The threshold with the highest F1 on these labelled images (1 anomalous). It was chosen on the labels that it is then judged by. */
export function thresholdByBestF1(scores: readonly number[], labels: readonly (0 | 1)[]): Threshold {
  const best = f1max(scores, labels);
  return {
    value: justBelow(best.threshold, scores),
    kind: 'best-f1',
    explanation: `The highest F1 (${best.f1.toFixed(3)}) on ${scores.length} labelled images: it looked at their labels, so expect less on new ones.`,
    weak: false,
  };
}

export function thresholdByHand(value: number): Threshold {
  if (!Number.isFinite(value)) {
    throw new CoreError(
      'scoring/threshold',
      `The threshold ${value} is not a finite number. Give one like --threshold 12.5.`,
    );
  }
  return { value, kind: 'by-hand', explanation: 'Set by hand.', weak: false };
}

/** Anomalous (1) strictly above the threshold. */
export function labelOf(score: number, threshold: Threshold): 0 | 1 {
  return score > threshold.value ? 1 : 0;
}

/** F1 counts scores AT its threshold as anomalous, we count those above: half way to the next lower score the two agree. */
function justBelow(threshold: number, scores: readonly number[]): number {
  let below = Number.NEGATIVE_INFINITY;
  for (const score of scores) if (score < threshold && score > below) below = score;
  return Number.isFinite(below) ? (threshold + below) / 2 : threshold - Math.abs(threshold) * 1e-9 - 1e-12;
}
