/**
 * A small training step with everything that real ones are made of: strided and transposed convolutions, batch normalisation, leaky
 * ReLU, gradients and Adam. Devices are compared by the weights that it gives, and measured by its time.
 */
import * as tf from '@tensorflow/tfjs';
import { Random } from '../random.ts';
import type { Feeds, StepRequest } from './types.ts';

export interface AutoencoderOptions {
  readonly batch: number;
  /** Side of the square images in pixels, divisible by 2 to the power of the number of widths. */
  readonly size: number;
  readonly channels: number;
  /** Channels of each 4x4 convolution of stride 2; the decoder mirrors them. */
  readonly widths: readonly number[];
  readonly batchNormalisation: boolean;
}

export interface Autoencoder extends StepRequest {
  /** Trained weights, in a fixed order: the variables without Adam's. */
  readonly weights: readonly tf.Variable[];
  /** Images in [-1, 1] of the n-th step, always the same for the same n. */
  feedsOf(step: number): Feeds;
  dispose(): void;
}

const learningRate = 1e-3;
const beta1 = 0.9;
const beta2 = 0.999;
const epsilon = 1e-7;

/** A layer's filter [4, 4, in, out] for a convolution, [4, 4, out, in] for a transposed one, and what follows it. */
interface Layer {
  readonly filter: tf.Variable<tf.Rank.R4>;
  readonly bias: tf.Variable;
  readonly scale: tf.Variable | null;
  readonly outputs: number;
}

/** Makes the step's variables on tfjs's current backend; the same values on every backend. */
export function makeAutoencoder(options: AutoencoderOptions): Autoencoder {
  const random = Random.seeded(1, 'self-test');
  const { batch, size, channels, widths } = options;
  const weights: tf.Variable[] = [];
  const variable = (values: Float32Array, shape: readonly number[]): tf.Variable => {
    const initial = tf.tensor(values, [...shape]);
    const made = tf.variable(initial);
    initial.dispose();
    return made;
  };
  const weight = (values: Float32Array, shape: readonly number[]): tf.Variable => {
    const made = variable(values, shape);
    weights.push(made);
    return made;
  };
  const layer = (shape: readonly [number, number, number, number], outputs: number, last: boolean): Layer => {
    const count = shape.reduce((product, length) => product * length, 1);
    return {
      filter: weight(random.normals(count, 0.05), shape) as tf.Variable<tf.Rank.R4>,
      bias: weight(new Float32Array(outputs), [outputs]),
      scale: options.batchNormalisation && !last ? weight(new Float32Array(outputs).fill(1), [outputs]) : null,
      outputs,
    };
  };
  const plan = [channels, ...widths];
  const pairs = widths.map((width, index) => [plan[index] ?? channels, width] as const);
  const encoder = pairs.map(([inputs, outputs]) => layer([4, 4, inputs, outputs], outputs, false));
  const decoder = pairs.toReversed().map(([outputs, inputs]) => {
    return layer([4, 4, outputs, inputs], outputs, outputs === channels);
  });

  const reconstruct = (images: tf.Tensor4D): tf.Tensor4D => {
    let hidden = images;
    for (const { filter, ...rest } of encoder) hidden = activate(tf.conv2d(hidden, filter, 2, 'same'), rest);
    decoder.forEach(({ filter, ...rest }, index) => {
      const side = hidden.shape[1] * 2;
      const grown = tf.conv2dTranspose(hidden, filter, [batch, side, side, rest.outputs], 2, 'same');
      hidden = index < decoder.length - 1 ? activate(grown, rest) : tf.tanh(tf.add(grown, rest.bias));
    });
    return hidden;
  };
  const moments = weights.map((trained) => {
    const zeros = (): tf.Variable => variable(new Float32Array(trained.size), trained.shape);
    return { first: zeros(), second: zeros() };
  });
  const powers = { first: variable(Float32Array.of(1), [1]), second: variable(Float32Array.of(1), [1]) };
  const variables = [
    ...weights,
    ...moments.flatMap(({ first, second }) => [first, second]),
    powers.first,
    powers.second,
  ];

  return {
    feeds: { images: { shape: [batch, size, size, channels], dtype: 'float32' } },
    variables,
    weights,
    step: (feeds) => {
      const images = feeds['images'] as tf.Tensor4D;
      const loss = (): tf.Scalar => tf.mean(tf.squaredDifference(reconstruct(images), images));
      const { value, grads } = tf.variableGrads(loss, weights);
      powers.first.assign(tf.mul(powers.first, beta1));
      powers.second.assign(tf.mul(powers.second, beta2));
      weights.forEach((trained, index) => {
        const { first, second } = moments[index] ?? { first: trained, second: trained };
        const gradient = grads[trained.name] ?? tf.zerosLike(trained);
        first.assign(tf.add(tf.mul(first, beta1), tf.mul(gradient, 1 - beta1)));
        second.assign(tf.add(tf.mul(second, beta2), tf.mul(tf.square(gradient), 1 - beta2)));
        const mean = tf.div(first, tf.sub(1, powers.first));
        const deviation = tf.sqrt(tf.div(second, tf.sub(1, powers.second)));
        trained.assign(tf.sub(trained, tf.mul(tf.div(mean, tf.add(deviation, epsilon)), learningRate)));
      });
      return { loss: value };
    },
    feedsOf: (step) => {
      const noise = Random.seeded(step, 'self-test images');
      const images = noise.normals(batch * size * size * channels, 0.5);
      return { images: images.map((value) => Math.max(-1, Math.min(1, value))) };
    },
    dispose: () => variables.forEach((each) => each.dispose()),
  };
}

/** Batch normalisation with batch statistics where there is a scale, then bias and leaky ReLU. */
function activate(input: tf.Tensor4D, { bias, scale }: Pick<Layer, 'bias' | 'scale'>): tf.Tensor4D {
  if (scale === null) return tf.leakyRelu(tf.add(input, bias));
  const { mean, variance } = tf.moments(input, [0, 1, 2]);
  return tf.leakyRelu(
    tf.batchNorm4d(
      input,
      mean as tf.Tensor1D,
      variance as tf.Tensor1D,
      bias as tf.Tensor1D,
      scale as tf.Tensor1D,
      1e-5,
    ),
  );
}
