/** Which scores trained models of an objective give: its own, and those that the scoring room calibrates on normal images. */
import type { Objective } from '../objectives/types.ts';
import { scoreNames, type ScoreName } from '../score-names.ts';

/** Of one image alone there is none of these: they compare it with held-out normals. */
const calibratedScores: readonly ScoreName[] = ['place', 'neighbours', 'feature-neighbours', 'combined'];

export function isCalibrated(name: ScoreName): boolean {
  return calibratedScores.includes(name);
}

/**
 * In the order of `scoreNames`. `place` and `neighbours` need an inferred z and its reconstruction, `feature-neighbours` the energy network's
 * likeness features, `combined` any score at all.
 */
export function givenScores({ networks, scores, nets }: Pick<Objective, 'networks' | 'scores' | 'nets'>): ScoreName[] {
  const reconstructs = networks.includes('inference') && networks.includes('generator');
  return scoreNames.filter((name) => {
    if (!isCalibrated(name)) return scores.includes(name);
    if (name === 'feature-neighbours') return nets?.energyViews === true;
    return name === 'combined' || reconstructs;
  });
}
