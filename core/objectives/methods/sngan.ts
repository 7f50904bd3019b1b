/**
 * `sngan`: Miyato et al., "Spectral Normalization for Generative Adversarial Networks", ICLR 2018. Spectral normalisation on every layer
 * of the critic and the hinge loss of its Eq. 16 and 17: critic max(0, 1 - f(x)) + max(0, 1 + f(g(z))), generator -f(g(z)). Adam and one
 * critic update a step as its setting C.
 */
import * as tf from '@tensorflow/tfjs';
import { criticLogs, criticOf, samplesOf } from '../image-critic.ts';
import { defineGame } from '../players.ts';

export const objective = defineGame({
  name: 'sngan',
  summary: 'GAN with spectral normalisation and hinge loss (Miyato et al., ICLR 2018).',
  networks: ['generator', 'critic'],
  scores: ['energy', 'combined'],
  defaultScore: 'energy',
  defaults: {},
  training: { beta1: 0.5, beta2: 0.999 },
  nets: { criticNorm: 'spectral' },
  losses: (turn) => ({
    critic: () => {
      const data = tf.relu(tf.sub(1, criticOf(turn, turn.inputs.images)));
      const samples = tf.relu(tf.add(1, criticOf(turn, samplesOf(turn))));
      return tf.add(tf.mean(data), tf.mean(samples));
    },
    generator: () => tf.neg(tf.mean(criticOf(turn, samplesOf(turn)))),
  }),
  logs: criticLogs,
});
