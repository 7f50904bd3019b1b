/** Reconstruction term of the negative ELBO without its constant: |x - g(mean)|^2 / (2 sigma^2), summed over pixels and channels. */
import { squaredResiduals } from '../residuals.ts';
import type { ScoreDefinition } from '../types.ts';

export const score: ScoreDefinition = {
  name: 'reconstruction',
  summary: 'reconstruction error |x - g(z)|^2 / (2 sigma^2) at the inferred z',
  needsEnergy: false,
  compute: (evidence) => squaredResiduals(evidence).map((sum) => sum / (2 * evidence.sigma ** 2)),
};
