/** Area under the ROC curve: the probability that an anomalous image scores above a normal one (Hanley and McNeil 1982). */
import { rank } from './ranking.ts';

/** `image_AUROC`, in [0, 1]; equal scores count half (mid-ranks). Errors: see {@link rank}. */
export function auroc(scores: ArrayLike<number>, labels: ArrayLike<number>): number {
  const ranking = rank(scores, labels);
  let area = 0;
  let above = { truePositives: 0, falsePositives: 0 };
  for (const counts of ranking.thresholds()) {
    const width = counts.falsePositives - above.falsePositives;
    area += (width * (counts.truePositives + above.truePositives)) / 2;
    above = counts;
  }
  return area / (ranking.positives * ranking.negatives);
}
