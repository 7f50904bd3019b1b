/**
 * BiGAN's score with cross entropy, Zenati et al. 2018, section 3: 0.9 |x - g(mean)|_1 + 0.1 (-log sigmoid f(x, mean)), the sum over
 * pixels and channels in pixel units of [-1, 1]; alpha 0.9 as in their experiments.
 */
import { absoluteResiduals } from '../residuals.ts';
import type { ScoreDefinition } from '../types.ts';

/** Part of the reconstruction, the source's alpha. */
export const reconstructionPart = 0.9;

export const score: ScoreDefinition = {
  name: 'bigan-sigma',
  summary: 'reconstruction (L1) with the cross entropy of the discriminator, after Zenati et al.',
  needsEnergy: true,
  readsReconstructions: true,
  readsReconstructionEnergy: false,
  compute: (evidence) =>
    absoluteResiduals(evidence).map((sum, i) => {
      const f = evidence.energy?.ofImages.f[i] ?? Number.NaN;
      // ln(1 + e^-f) without overflow.
      const entropy = Math.max(-f, 0) + Math.log1p(Math.exp(-Math.abs(f)));
      return reconstructionPart * sum + (1 - reconstructionPart) * entropy;
    }),
};
