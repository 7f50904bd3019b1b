/**
 * `ebm`: Du and Mordatch, "Implicit Generation and Modeling with Energy-Based Models", NeurIPS 2019, Algorithm 1: an image energy whose
 * negatives are Langevin chains from a replay buffer, of which 5 % begin again from noise; loss -f(x) + f(x̃) + alpha (f(x)^2 + f(x̃)^2),
 * spectral normalisation, Adam with beta1 0. Fewer steps and a smaller buffer than the source (60 and 10,000), see `langevin.ts`.
 */
import * as tf from '@tensorflow/tfjs';
import { criticOf, energyLogs } from '../image-critic.ts';
import { langevin, langevinNoise, langevinPasses, langevinSettings, langevinStep } from '../langevin.ts';
import { settingOf } from '../options.ts';
import { defineGame, playersOf, type Turn } from '../players.ts';
import type { MethodSettings, ObjectiveOptions } from '../types.ts';

const settings = {
  ...langevinSettings,
  // Energies that are held near zero have small slopes: with 10 the chains never left their noise (docs/methods.md).
  langevinStep: { ...langevinSettings.langevinStep, value: 100 },
  capacity: { value: 1024, least: 1, most: 1e5, whole: true, help: 'Pictures in the replay buffer, at least a batch.' },
  restart: { value: 0.05, least: 0, most: 1, help: 'Part of the chains that begin again from noise.' },
  regularisation: {
    value: 1,
    least: 0,
    most: 1000,
    help: 'Weight of the squared energies, which holds them near zero.',
  },
} satisfies MethodSettings;

/** Chains that make samples begin in noise, without the buffer's head start: so many times the steps of a training step. */
const SAMPLING = 6;

const capacityOf = (batch: number, options: ObjectiveOptions): number =>
  Math.max(batch, settingOf(options, settings, 'capacity'));
const chainsOf = ({ inputs }: Turn<'critic'>): tf.Tensor4D => inputs.prepared?.['chains'] as tf.Tensor4D;
/** Uniform numbers in [0, 1) as pixels. */
const asPixels = (uniform: tf.Tensor): tf.Tensor4D => tf.sub(tf.mul(uniform, 2), 1);

export const objective = defineGame({
  name: 'ebm',
  summary: 'Image energy with Langevin sampling from a replay buffer (Du and Mordatch, NeurIPS 2019); no generator.',
  networks: ['critic'],
  scores: ['energy', 'combined'],
  defaultScore: 'energy',
  defaults: {},
  settings,
  training: { beta1: 0, beta2: 0.999 },
  nets: { criticNorm: 'spectral' },
  passes: (options) => 2 + langevinPasses(options),
  randomness: ({ size, channels, ...spec }, batch, options) => ({
    langevin: langevinNoise({ size, channels, ...spec }, batch, options),
    start: { kind: 'uniform', shape: [batch, size, size, channels] },
    restart: { kind: 'uniform', shape: [batch, 1, 1, 1] },
    draw: { kind: 'draw', of: capacityOf(batch, options), first: batch },
  }),
  memory: ({ size, channels }, batch, options) => ({
    buffer: { shape: [capacityOf(batch, options), size, size, channels] },
  }),
  prepare: (networks, { images, random, memory }, options) => {
    const { critic } = playersOf(networks, ['critic']);
    const batch = images.shape[0];
    // The drawn chains come first, then all others in their order: no scattering when they go back.
    const ordered = tf.gather(memory?.['buffer'] as tf.Tensor4D, random?.['draw'] as tf.Tensor1D);
    const kept = tf.slice(ordered, 0, batch);
    const again = tf.cast(
      tf.less(random?.['restart'] as tf.Tensor, settingOf(options, settings, 'restart')),
      'float32',
    );
    const start = tf.add<tf.Tensor4D>(kept, tf.mul(again, tf.sub(asPixels(random?.['start'] as tf.Tensor), kept)));
    const chains = langevin(critic, start, random?.['langevin'] as tf.Tensor, options);
    return { chains, others: tf.slice(ordered, batch) };
  },
  remember: ({ prepared }) => ({
    buffer: tf.concat([prepared?.['chains'] as tf.Tensor4D, prepared?.['others'] as tf.Tensor4D], 0),
  }),
  losses: (turn) => ({
    critic: () => {
      const data = criticOf(turn, turn.inputs.images);
      const samples = criticOf(turn, chainsOf(turn));
      const squares = tf.add<tf.Scalar>(tf.mean(tf.square(data)), tf.mean(tf.square(samples)));
      const weight = settingOf(turn.options, settings, 'regularisation');
      return tf.add(tf.sub(tf.mean(samples), tf.mean(data)), tf.mul(squares, weight));
    },
  }),
  logs: (turn) => energyLogs(criticOf(turn, turn.inputs.images), criticOf(turn, chainsOf(turn))),
  sampler: {
    steps: (options) => SAMPLING * settingOf(options, settings, 'langevinSteps'),
    step: (networks, images, noise, options) =>
      langevinStep(playersOf(networks, ['critic']).critic, images, noise, options, 'inference'),
  },
});
