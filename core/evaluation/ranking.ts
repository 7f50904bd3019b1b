/** What all ranking metrics share: checks of the input and the walk over thresholds from the highest score down. */
import { CoreError } from '../errors.ts';

/** Counts when every image with a score at or above `threshold` is called anomalous. */
export interface ThresholdCounts {
  readonly threshold: number;
  /** Anomalous images called anomalous. */
  readonly truePositives: number;
  /** Normal images called anomalous. */
  readonly falsePositives: number;
}

export interface Ranking {
  readonly positives: number;
  readonly negatives: number;
  /** One entry for each distinct score, descending: equal scores are one threshold. */
  thresholds(): Generator<ThresholdCounts>;
}

function checkedScore(score: number | undefined, index: number): number {
  if (score === undefined || Number.isNaN(score)) {
    const text = `Score ${index} is not a number. Leave images without a score out of the evaluation.`;
    throw new CoreError('evaluation/not-a-number', text);
  }
  return score;
}

/**
 * Sorts scores (higher: more anomalous) by class. Labels are 1 for anomalous and 0 for normal. Throws `evaluation/length`,
 * `evaluation/label`, `evaluation/not-a-number`, and `evaluation/one-class` when either class is missing.
 */
export function rank(scores: ArrayLike<number>, labels: ArrayLike<number>): Ranking {
  if (scores.length !== labels.length) {
    const text = `There are ${scores.length} scores and ${labels.length} labels. Give one label for each score.`;
    throw new CoreError('evaluation/length', text);
  }
  const sorted = { anomalous: new Float64Array(scores.length), normal: new Float64Array(scores.length) };
  let positives = 0;
  let negatives = 0;
  for (let i = 0; i < scores.length; i++) {
    const score = checkedScore(scores[i], i);
    const label = labels[i];
    if (label === 1) sorted.anomalous[positives++] = score;
    else if (label === 0) sorted.normal[negatives++] = score;
    else {
      const text = `Label ${i} is ${String(label)}. Labels are 0 for normal and 1 for anomalous.`;
      throw new CoreError('evaluation/label', text);
    }
  }
  if (positives === 0 || negatives === 0) {
    const text = `There are ${positives} anomalous and ${negatives} normal images. Evaluate on a set with both kinds.`;
    throw new CoreError('evaluation/one-class', text);
  }
  // Sorting numbers by class is many times faster than sorting indices: pixel metrics have millions of them.
  const anomalous = sorted.anomalous.subarray(0, positives).sort();
  const normal = sorted.normal.subarray(0, negatives).sort();
  return { positives, negatives, thresholds: () => walk(anomalous, normal) };
}

function* walk(anomalous: Float64Array, normal: Float64Array): Generator<ThresholdCounts> {
  let a = anomalous.length;
  let n = normal.length;
  while (a > 0 || n > 0) {
    const threshold = Math.max(anomalous[a - 1] ?? -Infinity, normal[n - 1] ?? -Infinity);
    while (a > 0 && anomalous[a - 1] === threshold) a--;
    while (n > 0 && normal[n - 1] === threshold) n--;
    yield { threshold, truePositives: anomalous.length - a, falsePositives: normal.length - n };
  }
}

/** Share of anomalous images: the AUPR of scores without any information. */
export function baseRate(labels: ArrayLike<number>): number {
  let positives = 0;
  for (let i = 0; i < labels.length; i++) if (labels[i] === 1) positives++;
  return positives / labels.length;
}
