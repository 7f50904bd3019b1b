/**
 * `wgan`: Arjovsky, Chintala and Bottou, "Wasserstein GAN", ICML 2017. Critic -f(x) + f(g(z)), generator -f(g(z)); several critic updates
 * for each of the generator; the critic's weights are clipped to [-c, c] after each update (Algorithm 1). With `penalty` above 0 the
 * gradient penalty of Gulrajani et al., "Improved Training of Wasserstein GANs", NeurIPS 2017, takes the clipping's place:
 * penalty (|∇f(x̂)| - 1)^2 at x̂ between data and samples. Adam with beta1 0 stands for RMSProp, as in Gulrajani et al.
 */
import * as tf from '@tensorflow/tfjs';
import { criticLogs, criticOf, samplesOf, type CriticTurn } from '../image-critic.ts';
import { gradientOfImages } from '../langevin.ts';
import { settingOf } from '../options.ts';
import { defineGame } from '../players.ts';
import type { MethodSettings } from '../types.ts';

const settings = {
  criticSteps: { value: 5, least: 1, most: 100, whole: true, help: 'Updates of the critic for each of the generator.' },
  weightClip: {
    value: 0.01,
    least: 1e-4,
    most: 10,
    help: "Bound of the critic's weights; without effect beside a penalty.",
  },
  penalty: {
    value: 0,
    least: 0,
    most: 1000,
    help: 'Weight of the gradient penalty, 10 in its paper; 0 clips the weights.',
  },
} satisfies MethodSettings;

/** (|∇f| - 1)^2 between data and samples, mean over the batch (Gulrajani et al., Eq. 3). */
function gradientPenalty(turn: CriticTurn): tf.Scalar {
  const { images, random } = turn.inputs;
  const place = tf.reshape(random?.['between'] as tf.Tensor, [-1, 1, 1, 1]);
  const between = tf.add<tf.Tensor4D>(images, tf.mul(place, tf.sub(samplesOf(turn), images)));
  const slopes = gradientOfImages(turn.players.critic, between, 'frozen');
  const lengths = tf.sqrt(tf.add(tf.sum(tf.square(slopes), [1, 2, 3]), 1e-12)); // [batch]
  return tf.mean(tf.square(tf.sub(lengths, 1)));
}

export const objective = defineGame({
  name: 'wgan',
  summary:
    'Wasserstein GAN with weight clipping (Arjovsky et al., ICML 2017) or gradient penalty (Gulrajani et al., NeurIPS 2017).',
  networks: ['generator', 'critic'],
  scores: ['energy', 'combined'],
  defaultScore: 'energy',
  defaults: {},
  settings,
  training: { beta1: 0, beta2: 0.9 },
  nets: { criticNorm: 'none' },
  cycle: (options) => [
    ...Array.from({ length: settingOf(options, settings, 'criticSteps') - 1 }, () => ['critic'] as const),
    ['generator', 'critic'],
  ],
  randomness: (_, batch) => ({ between: { kind: 'uniform', shape: [batch] } }),
  losses: (turn) => ({
    critic: () => {
      const penalty = settingOf(turn.options, settings, 'penalty');
      const data = tf.mean(criticOf(turn, turn.inputs.images));
      const distance = tf.sub<tf.Scalar>(tf.mean(criticOf(turn, samplesOf(turn))), data);
      return penalty === 0 ? distance : tf.add(distance, tf.mul(gradientPenalty(turn), penalty));
    },
    generator: () => tf.neg(tf.mean(criticOf(turn, samplesOf(turn)))),
  }),
  logs: criticLogs,
  constrain: (network, options) => {
    if (network.name !== 'critic' || settingOf(options, settings, 'penalty') > 0) return;
    const bound = settingOf(options, settings, 'weightClip');
    for (const weight of network.trainable.values()) weight.assign(tf.clipByValue(weight, -bound, bound));
  },
});
