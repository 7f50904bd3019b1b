/**
 * The calibrated combination of scores. Each member is standardised by the median and the scaled median absolute deviation of held-out
 * normals, then combined = mean of softplus(z): it uses normals only, rises with every member (an image that is more anomalous by any
 * score is never ranked lower), and a low member cannot hide a high one as it could in a plain mean.
 */
import type { ScoreName } from '../score-names.ts';
import type { RobustStatistics } from './statistics.ts';
import type { Scores } from './types.ts';

/**
 * `elbo` and `joint` are sums of others and would count them twice; `features` made the combination worse wherever it was measured
 * (bench/README.md, "Scores").
 */
const members = ['energy', 'reconstruction', 'local'] as const satisfies readonly ScoreName[];

export type StatisticsByScore = Readonly<Partial<Record<ScoreName, RobustStatistics>>>;

/** ln(1 + e^z) without overflow. */
function softplus(z: number): number {
  return Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z)));
}

/** Which of the scores that a model gives enter its combination. */
export function combinedMembers(available: readonly ScoreName[]): readonly ScoreName[] {
  return members.filter((name) => available.includes(name));
}

/** Combined score of one image; NaN where a member is missing. */
export function combine(scores: Scores, statistics: StatisticsByScore): number {
  const names = combinedMembers(Object.keys(statistics) as ScoreName[]);
  let sum = 0;
  for (const name of names) {
    const normal = statistics[name];
    const value = scores[name];
    if (normal === undefined || value === undefined) return Number.NaN;
    sum += softplus((value - normal.median) / normal.spread);
  }
  return sum / names.length;
}
