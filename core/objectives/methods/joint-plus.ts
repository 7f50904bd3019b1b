/** `joint-plus`: as `joint`, with the inference model drawn towards the energy model as well (Eq. 17). */
import { triangleLosses, triangleStep } from '../divergence-triangle.ts';
import type { Objective } from '../types.ts';

export const objective: Objective = {
  name: 'joint-plus',
  summary:
    'Joint training of a variational auto-encoder and a latent energy-based model (Han et al., CVPR 2020), inference model by Eq. 17.',
  networks: ['generator', 'inference', 'energy'],
  scores: ['energy', 'reconstruction', 'local', 'elbo', 'joint', 'features', 'combined'],
  defaults: {},
  losses: (networks, inputs, options) => triangleLosses(networks, inputs, options, 'plus'),
  step: (networks, inputs, options) => triangleStep(networks, inputs, options, 'plus'),
};
