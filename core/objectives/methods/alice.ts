/**
 * `alice`: Li et al., "ALICE: Towards Understanding Adversarial Learning for Joint Distribution Matching", NeurIPS 2017. ALI with the
 * conditional entropy H(x|z) bounded by cycle consistency, in its explicit form with a Gaussian p(x|z): |x - g(z̃)|^2 / 2 sigma^2.
 */
import * as tf from '@tensorflow/tfjs';
import {
  cycleOfImages,
  discriminatorLoss,
  generatorLoss,
  inferenceLoss,
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
  cycle: { value: 0.1, least: 0, most: 1000, help: 'Weight of the reconstruction beside the adversarial loss.' },
} satisfies MethodSettings;

const cycle = (turn: JointTurn): tf.Scalar =>
  tf.mul(cycleOfImages(turn, stochastic), settingOf(turn.options, settings, 'cycle'));

export const objective = defineGame({
  name: 'alice',
  summary: 'ALI with cycle consistency for the conditional entropy (Li et al., NeurIPS 2017).',
  networks: jointNetworks,
  scores: ['energy', 'reconstruction', 'local', 'features', 'combined'],
  defaults: {},
  settings,
  nets: jointNets,
  training: { beta1: 0.5, beta2: 0.999 },
  losses: (turn) => ({
    generator: () => tf.add(generatorLoss(turn), cycle(turn)),
    inference: () => tf.add(inferenceLoss(turn, stochastic), cycle(turn)),
    energy: () => discriminatorLoss(turn, stochastic),
  }),
  logs: (turn) => jointLogs(turn, stochastic),
});
