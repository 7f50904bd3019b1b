/**
 * The image-only critic: f(x), higher = more like the data, so -f is an energy. The joint energy network's image path with one linear
 * unit on its dense features, so that image-only and joint methods differ in what they look at and not in size. DCGAN (Radford et al.
 * 2016) has the same strided pyramid with batch normalisation on all but the first layer, SNGAN (Miyato et al. 2018) with spectral
 * normalisation on every layer; without either the layers start as He et al. have it.
 */
import * as tf from '@tensorflow/tfjs';
import { featuresOf, geometryOf } from './geometry.ts';
import { batchNorm, convolution, dense, leakyRelu, type LayerOptions } from './layers.ts';
import type { Critic, NetSpec } from './types.ts';
import { createVariableStore } from './variables.ts';

export function createCritic(spec: NetSpec, seed: number): Critic {
  const norm = spec.criticNorm ?? 'none';
  const { encoder, top } = geometryOf(spec);
  const store = createVariableStore('critic', seed);
  const options: LayerOptions = { initial: norm === 'none' ? 'he' : 'normal', spectral: norm === 'spectral' };
  const layers = encoder.map((outputs, i) => {
    const normalised = norm === 'batch' && i > 0;
    return {
      convolve: convolution(store, `image${i + 1}`, encoder[i - 1] ?? spec.channels, outputs, {
        ...options,
        bias: !normalised,
      }),
      normalise: normalised ? batchNorm(store, `image${i + 1}-norm`, outputs) : null,
    };
  });
  const flat = top ** 2 * (encoder.at(-1) ?? spec.channels);
  const hidden = dense(store, 'image-features', flat, featuresOf(spec), options);
  const output = dense(store, 'output', featuresOf(spec), 1, options);
  return {
    name: 'critic',
    trainable: store.trainable,
    state: store.state,
    dispose: () => store.dispose(),
    value: (images, mode) =>
      tf.tidy(() => {
        let x = images;
        for (const { convolve, normalise } of layers) {
          x = convolve(x, mode);
          x = leakyRelu(normalise === null ? x : normalise(x, mode));
        }
        const features = leakyRelu(hidden(tf.reshape<tf.Rank.R2>(x, [-1, flat]), mode)); // [batch, features]
        return { f: tf.reshape<tf.Rank.R1>(output(features, mode), [-1]), features };
      }),
  };
}
