/**
 * `svae`: Chen et al., "Symmetric Variational Autoencoder and Connections to Adversarial Learning", AISTATS 2018 (the paper's reference
 * for SVAE), after Pu et al., "Adversarial Symmetric Variational Autoencoder", NeurIPS 2017. A logistic discriminator estimates
 * f = log q(x, z) - log p(x, z); inference and generator descend the symmetric KL(q|p) + KL(p|q) = E_q f - E_p f, in which f itself
 * stands where ALI has log sigmoids, with the cross entropies -log p(x|z̃) and -log q(z|g(z)) as regularisation.
 */
import * as tf from '@tensorflow/tfjs';
import {
  cycleOfImages,
  cycleOfLatents,
  discriminatorLoss,
  fOfData,
  fOfSamples,
  jointLogs,
  jointNets,
  jointNetworks,
  stochastic,
  type JointTurn,
} from '../joint-discriminator.ts';
import { settingOf } from '../options.ts';
import { defineGame } from '../players.ts';
import type { MethodSettings } from '../types.ts';

const settings = {
  cycle: { value: 0.1, least: 0, most: 1000, help: 'Weight of -log p(x|z): how well pictures are found again.' },
  latentCycle: {
    value: 0.1,
    least: 0,
    most: 1000,
    help: 'Weight of -log q(z|x): how well latent vectors are found again.',
  },
} satisfies MethodSettings;

function cycles(turn: JointTurn): tf.Scalar {
  return tf.add(
    tf.mul(cycleOfImages(turn, stochastic), settingOf(turn.options, settings, 'cycle')),
    tf.mul(cycleOfLatents(turn), settingOf(turn.options, settings, 'latentCycle')),
  );
}

export const objective = defineGame({
  name: 'svae',
  summary:
    'Symmetric variational auto-encoder (Chen et al., AISTATS 2018; Pu et al., NeurIPS 2017), adversarially learnt.',
  networks: jointNetworks,
  scores: ['energy', 'reconstruction', 'local', 'elbo', 'features', 'combined'],
  defaults: {},
  settings,
  nets: jointNets,
  training: { beta1: 0.5, beta2: 0.999 },
  losses: (turn) => ({
    generator: () => tf.sub(cycles(turn), tf.mean(fOfSamples(turn))),
    inference: () => tf.add(cycles(turn), tf.mean(fOfData(turn, stochastic))),
    energy: () => discriminatorLoss(turn, stochastic),
  }),
  logs: (turn) => jointLogs(turn, stochastic),
});
