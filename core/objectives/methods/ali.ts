/**
 * `ali`: Dumoulin et al., "Adversarially Learned Inference", ICLR 2017. A discriminator of (x, z) tells pairs of the encoder from pairs
 * of the decoder; Algorithm 1 gives both the losses that do not saturate. The encoder is stochastic, z̃ = mean + sd noise.
 */
import {
  discriminatorLoss,
  generatorLoss,
  inferenceLoss,
  jointLogs,
  jointNets,
  jointNetworks,
  stochastic,
} from '../joint-discriminator.ts';
import { defineGame } from '../players.ts';

export const objective = defineGame({
  name: 'ali',
  summary: 'Adversarially learned inference (Dumoulin et al., ICLR 2017): a discriminator of image and latent vector.',
  networks: jointNetworks,
  scores: ['energy', 'reconstruction', 'local', 'features', 'combined'],
  defaultScore: 'combined',
  defaults: {},
  nets: jointNets,
  training: { beta1: 0.5, beta2: 0.999 },
  losses: (turn) => ({
    generator: () => generatorLoss(turn),
    inference: () => inferenceLoss(turn, stochastic),
    energy: () => discriminatorLoss(turn, stochastic),
  }),
  logs: (turn) => jointLogs(turn, stochastic),
});
