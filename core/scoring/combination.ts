/**
 * The calibrated combination of scores. Each member is standardised by the median and the scaled median absolute deviation of held-out
 * normals, then combined = weighted mean of softplus(z): it uses normals only, rises with every member (an image that is more anomalous
 * by any score is never ranked lower), and a low member cannot hide a high one as it could in a plain mean.
 */
import type { ScoreName } from '../score-names.ts';
import type { RobustStatistics } from './statistics.ts';
import type { Scores } from './types.ts';

/**
 * Members and their weights. `elbo` and `joint` are sums of others and would count them twice; `features` made the combination worse wherever
 * it was measured (bench/README.md, "Scores").
 */
const members: Weights = { energy: 1, reconstruction: 1, local: 1 };
/** Where the energy network says what is alike. Chosen on the digits 0, 3, 6 and 8 (docs/experiments.md). */
const membersWithLikeness: Weights = { ...members, neighbours: 1, 'feature-neighbours': 2 };

type Weights = Readonly<Partial<Record<ScoreName, number>>>;

export type StatisticsByScore = Readonly<Partial<Record<ScoreName, RobustStatistics>>>;

/** ln(1 + e^z) without overflow. */
function softplus(z: number): number {
  return Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z)));
}

/** Which of the scores that a model gives enter its combination, and with which weight. */
export function combinedMembers(available: readonly ScoreName[]): readonly { name: ScoreName; weight: number }[] {
  const weights = available.includes('feature-neighbours') ? membersWithLikeness : members;
  return available.flatMap((name) => {
    const weight = weights[name];
    return weight === undefined ? [] : [{ name, weight }];
  });
}

/** Combined score of one image; NaN where a member is missing. */
export function combine(scores: Scores, statistics: StatisticsByScore): number {
  let sum = 0;
  let weights = 0;
  for (const { name, weight } of combinedMembers(Object.keys(statistics) as ScoreName[])) {
    const normal = statistics[name];
    const value = scores[name];
    if (normal === undefined || value === undefined) return Number.NaN;
    sum += weight * softplus((value - normal.median) / normal.spread);
    weights += weight;
  }
  return sum / weights;
}
