/**
 * The inference model q(z|x) = N(mean(x), diag exp(logVariance(x))) of section 3.2: the generator's mirror, strided convolutions
 * with batch normalisation (not on the first, as in DCGAN's discriminator) and leaky ReLU, then one dense layer for both outputs.
 */
import * as tf from '@tensorflow/tfjs';
import { geometryOf } from './geometry.ts';
import { batchNorm, convolution, dense, leakyRelu } from './layers.ts';
import type { Inference, NetSpec } from './types.ts';
import { createVariableStore } from './variables.ts';

/** Bounds of the log-variance: beyond them exp() helps nobody. */
const LOG_VARIANCE = { least: -10, most: 5 } as const;

export function createInference(spec: NetSpec, seed: number): Inference {
  const { encoder, top } = geometryOf(spec);
  const store = createVariableStore('inference', seed);
  const layers = encoder.map((outputs, i) => ({
    convolve: convolution(store, `down${i + 1}`, encoder[i - 1] ?? spec.channels, outputs, { bias: i === 0 }),
    norm: i === 0 ? null : batchNorm(store, `down${i + 1}-norm`, outputs),
  }));
  const flat = top ** 2 * (encoder.at(-1) ?? spec.channels);
  const head = dense(store, 'head', flat, 2 * spec.latent);
  return {
    name: 'inference',
    trainable: store.trainable,
    state: store.state,
    dispose: () => store.dispose(),
    infer: (images, mode) =>
      tf.tidy(() => {
        let x = images;
        for (const { convolve, norm } of layers) {
          x = convolve(x, mode);
          x = leakyRelu(norm === null ? x : norm(x, mode));
        }
        const both = head(tf.reshape<tf.Rank.R2>(x, [-1, flat]), mode);
        const [mean, logVariance] = tf.split(both, 2, 1) as [tf.Tensor2D, tf.Tensor2D];
        return { mean, logVariance: tf.clipByValue(logVariance, LOG_VARIANCE.least, LOG_VARIANCE.most) };
      }),
  };
}
