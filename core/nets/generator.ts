/**
 * The generator g(z) of section 3.1: DCGAN's (Radford et al. 2016) without its first normalised 1x1 map: dense, then transposed
 * convolutions that double the side, batch normalisation and ReLU between, tanh at the end.
 * 28 pixels: 7 -> 14 -> 28; otherwise 4 -> 8 -> ... -> size.
 */
import * as tf from '@tensorflow/tfjs';
import { geometryOf } from './geometry.ts';
import { batchNorm, dense, relu, transposedConvolution } from './layers.ts';
import type { Generator, NetSpec } from './types.ts';
import { createVariableStore } from './variables.ts';

export function createGenerator(spec: NetSpec, seed: number): Generator {
  const { bottom, decoder } = geometryOf(spec);
  const store = createVariableStore('generator', seed);
  const project = dense(store, 'project', spec.latent, bottom.side ** 2 * bottom.channels, { bias: false });
  const projectNorm = batchNorm(store, 'project-norm', bottom.channels);
  const layers = decoder.map((outputs, i) => {
    const inputs = decoder[i - 1] ?? bottom.channels;
    const last = i === decoder.length - 1;
    return {
      convolve: transposedConvolution(store, `up${i + 1}`, inputs, outputs, { bias: last }),
      norm: last ? null : batchNorm(store, `up${i + 1}-norm`, outputs),
    };
  });
  return {
    name: 'generator',
    trainable: store.trainable,
    state: store.state,
    dispose: () => store.dispose(),
    generate: (z, mode) =>
      tf.tidy(() => {
        const map = tf.reshape<tf.Rank.R4>(project(z, mode), [-1, bottom.side, bottom.side, bottom.channels]);
        let x = relu(projectNorm(map, mode));
        for (const { convolve, norm } of layers) {
          x = convolve(x, mode);
          x = norm === null ? tf.tanh(x) : relu(norm(x, mode));
        }
        return x; // [batch, size, size, channels]
      }),
  };
}
