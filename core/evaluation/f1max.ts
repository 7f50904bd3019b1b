/** The highest F1 over all thresholds. It looks at the labels: a description of the scores, not a promise for new images. */
import { rank } from './ranking.ts';

export interface F1Max {
  readonly f1: number;
  /** Images with a score at or above this are called anomalous. The highest threshold where several give the same F1. */
  readonly threshold: number;
  readonly precision: number;
  readonly recall: number;
}

/** `image_F1Max` and where it is reached. Errors: see {@link rank}. */
export function f1max(scores: ArrayLike<number>, labels: ArrayLike<number>): F1Max {
  const ranking = rank(scores, labels);
  let best: F1Max = { f1: -1, threshold: Infinity, precision: 0, recall: 0 };
  for (const { threshold, truePositives, falsePositives } of ranking.thresholds()) {
    const f1 = (2 * truePositives) / (truePositives + falsePositives + ranking.positives);
    if (f1 > best.f1) {
      const precision = truePositives / (truePositives + falsePositives);
      best = { f1, threshold, precision, recall: truePositives / ranking.positives };
    }
  }
  return best;
}
