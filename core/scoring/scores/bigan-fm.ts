/**
 * BiGAN's score with feature matching, Zenati et al. 2018, section 3: 0.9 |x - g(mean)|_1 + 0.1 |h(x, mean) - h(g(mean), mean)|_1 with h
 * the last hidden layer of the discriminator.
 */
import { absoluteResiduals } from '../residuals.ts';
import type { ScoreDefinition } from '../types.ts';
import { reconstructionPart } from './bigan-sigma.ts';

export const score: ScoreDefinition = {
  name: 'bigan-fm',
  summary: 'reconstruction (L1) with feature matching of the discriminator, after Zenati et al.',
  needsEnergy: true,
  readsReconstructions: true,
  compute(evidence) {
    const { count, energy } = evidence;
    const a = energy?.ofImages.features ?? new Float32Array(0);
    const b = energy?.ofReconstructions.features ?? new Float32Array(0);
    const width = a.length / count;
    return absoluteResiduals(evidence).map((sum, i) => {
      if (width === 0) return Number.NaN;
      let distance = 0;
      for (let j = i * width; j < (i + 1) * width; j++) distance += Math.abs((a[j] ?? 0) - (b[j] ?? 0));
      return reconstructionPart * sum + (1 - reconstructionPart) * distance;
    });
  },
};
