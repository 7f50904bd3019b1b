/** Energy of an image: -f(x, mean), f of Eq. 7 of Han et al. 2020, z at the inferred mean so that it is deterministic; -f(x) of an image-only critic. */
import type { ScoreDefinition } from '../types.ts';

export const score: ScoreDefinition = {
  name: 'energy',
  summary: 'energy -f(x, z) at the inferred z, or -f(x) of an image-only critic',
  needsEnergy: true,
  readsReconstructionEnergy: false,
  needsReconstruction: false,
  compute: ({ count, energy }) =>
    Float64Array.from({ length: count }, (_, i) => -(energy?.ofImages.f[i] ?? Number.NaN)),
};
