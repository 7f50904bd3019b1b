/**
 * `dcgan`: Radford, Metz and Chintala, "Unsupervised Representation Learning with Deep Convolutional Generative Adversarial Networks",
 * ICLR 2016. Critic: -log D(x) - log(1 - D(g(z))) with D = sigmoid(f); generator: -log D(g(z)), the non-saturating loss of Goodfellow et
 * al. 2014. Batch normalisation in both networks, Adam with beta1 0.5.
 */
import * as tf from '@tensorflow/tfjs';
import { criticLogs, criticOf, crossEntropy, samplesOf } from '../image-critic.ts';
import { defineGame } from '../players.ts';

export const objective = defineGame({
  name: 'dcgan',
  summary: 'Generative adversarial network with convolutions (Radford et al., ICLR 2016), non-saturating loss.',
  networks: ['generator', 'critic'],
  scores: ['energy', 'combined'],
  defaultScore: 'energy',
  defaults: {},
  training: { beta1: 0.5, beta2: 0.999 },
  nets: { criticNorm: 'batch' },
  losses: (turn) => ({
    critic: () =>
      tf.add(crossEntropy(criticOf(turn, turn.inputs.images)), crossEntropy(tf.neg(criticOf(turn, samplesOf(turn))))),
    generator: () => crossEntropy(criticOf(turn, samplesOf(turn))),
  }),
  logs: criticLogs,
});
