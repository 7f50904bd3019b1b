/**
 * `meg`: Kumar et al., "Maximum Entropy Generators for Energy-Based Models", 2019, with E = -f. Energy: E(x) - E(g(z)) + lambda |∇E(x)|^2, the
 * zero-centred penalty at data with lambda 0.1; generator: E(g(z)) - I(g(z); z), its entropy by way of mutual information, estimated
 * as Deep InfoMax does (Jensen-Shannon) by a statistics network T of pairs: -softplus(-T(g(z), z)) - softplus(T(g(z), another's z)).
 */
import * as tf from '@tensorflow/tfjs';
import { criticLogs, criticOf, samplesOf } from '../image-critic.ts';
import { gradientOfImages } from '../langevin.ts';
import { rotateRows } from '../mismatch.ts';
import { settingOf } from '../options.ts';
import { defineGame, type Turn } from '../players.ts';
import type { MethodSettings } from '../types.ts';

const settings = {
  penalty: { value: 0.1, least: 0, most: 1000, help: 'Weight of the squared gradient of the energy at the data.' },
  information: {
    value: 1,
    least: 0,
    most: 1000,
    help: 'Weight of the mutual information that keeps the samples apart.',
  },
} satisfies MethodSettings;

const networks = ['generator', 'critic', 'statistics'] as const;
type MegTurn = Turn<(typeof networks)[number]>;

/** Lower bound of the mutual information of samples and their latent vectors, up to a constant. */
function information(turn: MegTurn): tf.Scalar {
  const { players, inputs } = turn;
  const samples = samplesOf(turn);
  const joint = players.statistics.value(samples, inputs.prior, 'frozen').f;
  const apart = players.statistics.value(samples, rotateRows(inputs.prior), 'frozen').f;
  return tf.neg(tf.add(tf.mean(tf.softplus(tf.neg(joint))), tf.mean(tf.softplus(apart))));
}

/** |∇f(x)|^2 at the data, mean over the batch. */
function slopeAtData({ players, inputs }: MegTurn): tf.Scalar {
  const slopes = gradientOfImages(players.critic, inputs.images, 'frozen');
  return tf.mean(tf.sum(tf.square(slopes), [1, 2, 3]));
}

export const objective = defineGame({
  name: 'meg',
  summary:
    'Maximum-entropy generator for an image energy (Kumar et al., 2019), with an estimator of mutual information.',
  networks,
  scores: ['energy', 'combined'],
  defaultScore: 'energy',
  defaults: {},
  settings,
  training: { beta1: 0.5, beta2: 0.9 },
  nets: { criticNorm: 'none' },
  losses: (turn) => ({
    generator: () =>
      tf.sub(
        tf.mul(information(turn), -settingOf(turn.options, settings, 'information')),
        tf.mean(criticOf(turn, samplesOf(turn))),
      ),
    critic: () => {
      const distance = tf.sub<tf.Scalar>(
        tf.mean(criticOf(turn, samplesOf(turn))),
        tf.mean(criticOf(turn, turn.inputs.images)),
      );
      return tf.add(distance, tf.mul(slopeAtData(turn), settingOf(turn.options, settings, 'penalty')));
    },
    statistics: () => tf.neg(information(turn)),
  }),
  logs: (turn) => ({ ...criticLogs(turn), information: information(turn) }),
});
