/** `vae`: the plain variational auto-encoder (Kingma and Welling 2014), Eq. 3 to 6: the first baseline, without energy network. */
import * as tf from '@tensorflow/tfjs';
import type { Mode, Networks } from '../../nets/types.ts';
import { logDensityOfSample, negativeLogPrior, sampleGaussian } from '../gaussian.ts';
import { gradientsOf, trainableOf } from '../gradients.ts';
import { klToStandardNormal } from '../kl.ts';
import { playersOf } from '../players.ts';
import { reconstructionError } from '../reconstruction.ts';
import type { Objective, ObjectiveOptions, StepInputs } from '../types.ts';

const names = ['generator', 'inference'] as const;

/** Both terms of the negative lower bound, nats an image. */
function terms(networks: Networks, inputs: StepInputs, options: ObjectiveOptions, mode: Mode) {
  const { generator, inference } = playersOf(networks, names);
  const { mean, logVariance } = inference.infer(inputs.images, mode);
  const z = sampleGaussian(mean, logVariance, inputs.noise);
  const reconstruction = reconstructionError(inputs.images, generator.generate(z, mode), options.sigma);
  const kl = tf.mean<tf.Scalar>(klToStandardNormal(mean, logVariance));
  const divergence =
    options.entropy === 'kl'
      ? kl
      : tf.mean<tf.Scalar>(tf.add(logDensityOfSample(logVariance, inputs.noise), negativeLogPrior(z)));
  return { reconstruction, divergence, kl };
}

export const objective: Objective = {
  name: 'vae',
  summary: 'Plain variational auto-encoder (Kingma and Welling, ICLR 2014), the first baseline.',
  networks: ['generator', 'inference'],
  scores: ['reconstruction', 'local', 'elbo', 'combined'],
  defaultScore: 'elbo',
  defaults: {},
  losses: (networks, inputs, options) => {
    const { reconstruction, divergence } = terms(networks, inputs, options, 'frozen');
    // The divergence has no gradient for the generator: one bound serves both players.
    const bound = tf.add<tf.Scalar>(reconstruction, divergence);
    return { generator: bound, inference: bound };
  },
  step: (networks, inputs, options) => {
    const { generator, inference } = playersOf(networks, names);
    const { gradients, rest } = gradientsOf(
      () => {
        const { reconstruction, divergence, kl } = terms(networks, inputs, options, 'train');
        return { loss: tf.add<tf.Scalar>(reconstruction, divergence), rest: { reconstruction, kl } };
      },
      trainableOf([generator, inference]),
    );
    return { gradients, logs: rest as Record<string, tf.Scalar> };
  },
};
