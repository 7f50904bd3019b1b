/** Negative ELBO in nats, up to the constant of the Gaussian p(x|z), with the reconstruction at the mean: reconstruction + KL(q(z|x) || p(z)). */
import { divergences, squaredResiduals } from '../residuals.ts';
import type { ScoreDefinition } from '../types.ts';

export const score: ScoreDefinition = {
  name: 'elbo',
  summary: 'negative ELBO: reconstruction + KL(q(z|x) || p(z))',
  needsEnergy: false,
  compute(evidence) {
    const kl = divergences(evidence);
    return squaredResiduals(evidence).map((sum, i) => sum / (2 * evidence.sigma ** 2) + (kl[i] ?? 0));
  },
};
