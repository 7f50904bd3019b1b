/** J = -f(x, mean) + |x - g(mean)|^2 / (2 sigma^2): energy and reconstruction in the proportion that the inference loss (Eq. 15) has them. */
import { squaredResiduals } from '../residuals.ts';
import type { ScoreDefinition } from '../types.ts';

export const score: ScoreDefinition = {
  name: 'joint',
  summary: 'J = energy + reconstruction, unscaled',
  needsEnergy: true,
  readsReconstructionEnergy: false,
  compute: (evidence) =>
    squaredResiduals(evidence).map(
      (sum, i) => sum / (2 * evidence.sigma ** 2) - (evidence.energy?.ofImages.f[i] ?? Number.NaN),
    ),
};
