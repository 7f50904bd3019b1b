/** False-positive rate where 95 % of the anomalous images are found: what the last ones cost. */
import { CoreError } from '../errors.ts';
import { rank } from './ranking.ts';

/**
 * Share of normal images at or above the highest threshold that finds at least `recall` of the anomalous ones; no
 * interpolation. Errors: `evaluation/recall`, and see {@link rank}.
 */
export function fpr95(scores: ArrayLike<number>, labels: ArrayLike<number>, recall = 0.95): number {
  if (!(recall > 0 && recall <= 1)) {
    throw new CoreError('evaluation/recall', `A recall of ${recall} was asked for. Give one above 0 and at most 1.`);
  }
  const ranking = rank(scores, labels);
  for (const { truePositives, falsePositives } of ranking.thresholds()) {
    if (truePositives >= recall * ranking.positives) return falsePositives / ranking.negatives;
  }
  return 1;
}
