/**
 * `coopnet`: Xie et al., "Cooperative Learning of Energy-Based Model and Latent Variable Model via MCMC Teaching", AAAI 2018 (CoopNets,
 * PAMI 2018), Algorithm 1. The generator's samples g(z) are revised by Langevin dynamics under the image energy; the energy descends
 * -f(x) + f(revised), the generator learns the revision: |revised - g(z)|^2 / 2 sigma^2, with z as it was drawn (no revision of z). Step and
 * noise of the dynamics are chosen apart, without the source's Gaussian reference; spectral normalisation holds the energy.
 */
import * as tf from '@tensorflow/tfjs';
import { criticOf, energyLogs, samplesOf, type CriticTurn } from '../image-critic.ts';
import { langevin, langevinNoise, langevinPasses, langevinSettings } from '../langevin.ts';
import { defineGame, playersOf } from '../players.ts';
import { reconstructionError } from '../reconstruction.ts';

const networks = ['generator', 'critic'] as const;
const revisedOf = ({ inputs }: CriticTurn): tf.Tensor4D => inputs.prepared?.['revised'] as tf.Tensor4D;

export const objective = defineGame({
  name: 'coopnet',
  summary:
    'Cooperative networks (Xie et al., AAAI 2018): an image energy revises the samples, the generator learns the revision.',
  networks,
  scores: ['energy', 'combined'],
  defaultScore: 'energy',
  defaults: {},
  settings: langevinSettings,
  nets: { criticNorm: 'spectral' },
  passes: (options) => 4 + langevinPasses(options),
  randomness: (spec, batch, options) => ({ langevin: langevinNoise(spec, batch, options) }),
  prepare: (all, { prior, random }, options) => {
    const { generator, critic } = playersOf(all, networks);
    const start = generator.generate(prior, 'frozen');
    return { revised: langevin(critic, start, random?.['langevin'] as tf.Tensor, options) };
  },
  losses: (turn) => ({
    generator: () => reconstructionError(revisedOf(turn), samplesOf(turn), turn.options.sigma),
    critic: () => tf.sub(tf.mean(criticOf(turn, revisedOf(turn))), tf.mean(criticOf(turn, turn.inputs.images))),
  }),
  logs: (turn) => energyLogs(criticOf(turn, turn.inputs.images), criticOf(turn, revisedOf(turn))),
});
