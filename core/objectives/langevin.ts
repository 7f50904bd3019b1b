/**
 * Langevin dynamics on images under an image energy -f, unrolled inside the traced step: x <- x + step ∇f(x) + deviation N(0, I),
 * clipped to [-1, 1]. The short-run form of Nijkamp et al. 2019 and of Du and Mordatch 2019, where step and deviation are chosen
 * apart. Each of the K steps costs about three passes through the critic: K is moderate by default, far below the papers' 60.
 */
import * as tf from '@tensorflow/tfjs';
import type { Critic, Mode, NetSpec } from '../nets/types.ts';
import { settingOf } from './options.ts';
import type { MethodSettings, ObjectiveOptions, RandomFeed } from './types.ts';

/** Options of every objective that samples so. Pixels lie in [-1, 1]: the papers' numbers for [0, 1] are doubled. */
export const langevinSettings = {
  langevinSteps: {
    value: 10,
    least: 1,
    most: 200,
    whole: true,
    help: 'Steps of Langevin dynamics in each training step.',
  },
  langevinStep: { value: 10, least: 0, most: 1e4, help: 'How far a Langevin step follows the gradient of f.' },
  langevinNoise: { value: 0.01, least: 0, most: 1, help: 'Standard deviation of the noise of a Langevin step.' },
} satisfies MethodSettings;

/** Noise [steps, count, size, size, channels] for {@link langevin}. */
export function langevinNoise(spec: NetSpec, count: number, options: ObjectiveOptions): RandomFeed {
  const steps = settingOf(options, langevinSettings, 'langevinSteps');
  return { kind: 'normal', shape: [steps, count, spec.size, spec.size, spec.channels] };
}

/** df/dx [batch, size, size, channels] of each image's own f: no row of a batch touches another. */
export function gradientOfImages(critic: Critic, images: tf.Tensor4D, mode: Mode): tf.Tensor4D {
  // Ones made of the images, whose number an exported graph leaves free; the gradient of a sum would fix it.
  const ones = tf.add(tf.mul(tf.sum(images, [1, 2, 3]), 0), 1);
  return tf.grad((x) => critic.value(x as tf.Tensor4D, mode).f)(images, ones) as tf.Tensor4D;
}

/** One step from `x` with N(0, I) `noise` of its shape. */
export function langevinStep(
  critic: Critic,
  x: tf.Tensor4D,
  noise: tf.Tensor4D,
  options: ObjectiveOptions,
  mode: Mode = 'frozen',
): tf.Tensor4D {
  const drift = tf.mul(gradientOfImages(critic, x, mode), settingOf(options, langevinSettings, 'langevinStep'));
  const spread = tf.mul(noise, settingOf(options, langevinSettings, 'langevinNoise'));
  return tf.clipByValue(tf.add(x, tf.add(drift, spread)), -1, 1);
}

/** As many steps as `noise` [steps, ...images] has entries. No gradient flows through the result if it is made in `prepare`. */
export function langevin(critic: Critic, start: tf.Tensor4D, noise: tf.Tensor, options: ObjectiveOptions): tf.Tensor4D {
  const steps = tf.unstack(noise) as tf.Tensor4D[];
  return steps.reduce((x, drawn) => langevinStep(critic, x, drawn, options), start);
}

/** Passes through the critic that a step's Langevin dynamics take, as `Objective.passes` counts them. */
export function langevinPasses(options: ObjectiveOptions): number {
  return settingOf(options, langevinSettings, 'langevinSteps');
}
