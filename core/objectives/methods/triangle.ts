/**
 * `triangle`: Han et al., "Divergence Triangle for Joint Training of Generator Model, Energy-Based Model, and Inferential Model", CVPR
 * 2019: the forerunner of `joint`, whose energy looks at the image alone. With P = p(z) p(x|z), Q = q_data(x) q(z|x) and
 * Π = π(x) q(z|x): KL(Q|P) + w [KL(P|Π) - KL(Q|Π)]. In KL(Q|Π) the inference model cancels; in KL(P|Π) it learns from samples:
 * -log q(z|g(z)) for inference and generator, the generator's entropy being constant for constant sigma. The paper has w = 1; its
 * energy is not normalised, here spectral normalisation holds it as in `joint`.
 */
import * as tf from '@tensorflow/tfjs';
import { criticLogs, criticOf, samplesOf } from '../image-critic.ts';
import { cycleOfImages, cycleOfLatents, stochastic } from '../joint-discriminator.ts';
import { klToStandardNormal } from '../kl.ts';
import { defineGame, type Turn } from '../players.ts';

const networks = ['generator', 'inference', 'critic'] as const;
type TriangleTurn = Turn<(typeof networks)[number]>;

function divergence({ players, inputs }: TriangleTurn): tf.Scalar {
  const { mean, logVariance } = players.inference.infer(inputs.images, 'frozen');
  return tf.mean(klToStandardNormal(mean, logVariance));
}

const weighted = (turn: TriangleTurn, term: tf.Scalar): tf.Scalar => tf.mul(term, turn.options.adversarialWeight);

export const objective = defineGame({
  name: 'triangle',
  summary: 'Divergence triangle with an energy of the image alone (Han et al., CVPR 2019), the forerunner of joint.',
  networks,
  scores: ['energy', 'reconstruction', 'local', 'elbo', 'joint', 'features', 'combined'],
  defaults: {},
  nets: { criticNorm: 'spectral' },
  losses: (turn) => ({
    generator: () => {
      const synthesis = tf.sub<tf.Scalar>(cycleOfLatents(turn), tf.mean(criticOf(turn, samplesOf(turn))));
      return tf.add(cycleOfImages(turn, stochastic), weighted(turn, synthesis));
    },
    inference: () => tf.addN([cycleOfImages(turn, stochastic), divergence(turn), weighted(turn, cycleOfLatents(turn))]),
    critic: () => tf.sub(tf.mean(criticOf(turn, samplesOf(turn))), tf.mean(criticOf(turn, turn.inputs.images))),
  }),
  logs: (turn) => ({
    ...criticLogs(turn),
    reconstruction: cycleOfImages(turn, stochastic),
    kl: divergence(turn),
  }),
});
