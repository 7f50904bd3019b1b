/** `joint`: the paper's method. Energy by Eq. 12 and 19, inference model by Eq. 15, 16 and 20, generator by Eq. 14 and 21. */
import { triangleLosses, triangleStep } from '../divergence-triangle.ts';
import type { Objective } from '../types.ts';

export const objective: Objective = {
  name: 'joint',
  summary:
    'Joint training of a variational auto-encoder and a latent energy-based model (Han et al., CVPR 2020), inference model by Eq. 15.',
  networks: ['generator', 'inference', 'energy'],
  scores: ['energy', 'reconstruction', 'local', 'elbo', 'joint', 'features', 'combined'],
  defaults: {},
  losses: (networks, inputs, options) => triangleLosses(networks, inputs, options, 'minus'),
  step: (networks, inputs, options) => triangleStep(networks, inputs, options, 'minus'),
};
