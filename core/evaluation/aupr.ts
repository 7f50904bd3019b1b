/** Area under the precision-recall curve by two estimators, which differ: always say which one a figure comes from. */
import { rank } from './ranking.ts';

/**
 * `average-precision`: the step-wise sum of precision times gain in recall, never interpolated.
 * `trapezoid`: linear interpolation, beginning at recall 0 with precision 1; optimistic (Davis and Goadrich 2006).
 */
export type AuprEstimator = 'average-precision' | 'trapezoid';

/** `image_AUPR` with anomalous as the positive class; equal scores are one threshold. Errors: see {@link rank}. */
export function aupr(
  scores: ArrayLike<number>,
  labels: ArrayLike<number>,
  estimator: AuprEstimator = 'average-precision',
): number {
  const ranking = rank(scores, labels);
  let area = 0;
  let recall = 0;
  let precision = 1;
  for (const { truePositives, falsePositives } of ranking.thresholds()) {
    const nextRecall = truePositives / ranking.positives;
    const nextPrecision = truePositives / (truePositives + falsePositives);
    const height = estimator === 'trapezoid' ? (precision + nextPrecision) / 2 : nextPrecision;
    area += (nextRecall - recall) * height;
    recall = nextRecall;
    precision = nextPrecision;
  }
  return area;
}
