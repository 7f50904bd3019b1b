/** The layers of all three networks: dense, 4x4 convolution and transposed convolution of stride 2. */
import * as tf from '@tensorflow/tfjs';
import { spectralNorm, type Layer } from './normalisation.ts';
import type { Initial, VariableStore } from './variables.ts';

export { leakyRelu, relu } from './activations.ts';
export { batchNorm, type Layer } from './normalisation.ts';

export interface LayerOptions {
  /** Start of the kernel. */
  readonly initial?: Initial;
  /** Off before batch normalisation, whose shift takes its place. */
  readonly bias?: boolean;
  /** Divide the kernel by its spectral norm. */
  readonly spectral?: boolean;
}

const KERNEL = 4;
const STRIDE = 2;

/** [batch, inputs] -> [batch, outputs]. */
export function dense(
  store: VariableStore,
  name: string,
  inputs: number,
  outputs: number,
  options: LayerOptions = {},
): Layer<tf.Tensor2D> {
  const kernel = store.weight<tf.Rank.R2>(`${name}/kernel`, [inputs, outputs], options.initial ?? 'normal', inputs);
  const prepared = prepareKernel(store, name, kernel, outputs, options);
  const shifted = bias(store, name, outputs, options);
  return (x, mode) => shifted(tf.matMul(x, prepared(mode)));
}

/** [batch, n, n, inputs] -> [batch, ceil(n / 2), ceil(n / 2), outputs]. */
export function convolution(
  store: VariableStore,
  name: string,
  inputs: number,
  outputs: number,
  options: LayerOptions = {},
): Layer<tf.Tensor4D> {
  const kernel = store.weight<tf.Rank.R4>(
    `${name}/kernel`,
    [KERNEL, KERNEL, inputs, outputs],
    options.initial ?? 'normal',
    KERNEL * KERNEL * inputs,
  );
  const prepared = prepareKernel(store, name, kernel, outputs, options);
  const shifted = bias(store, name, outputs, options);
  return (x, mode) => shifted(tf.conv2d(x, prepared(mode), STRIDE, 'same'));
}

/** [batch, n, n, inputs] -> [batch, 2n, 2n, outputs]. */
export function transposedConvolution(
  store: VariableStore,
  name: string,
  inputs: number,
  outputs: number,
  options: Omit<LayerOptions, 'spectral'> = {},
): Layer<tf.Tensor4D> {
  const kernel = store.weight<tf.Rank.R4>(
    `${name}/kernel`,
    [KERNEL, KERNEL, outputs, inputs],
    options.initial ?? 'normal',
    (KERNEL * KERNEL * inputs) / (STRIDE * STRIDE),
  );
  const shifted = bias(store, name, outputs, options);
  return (x) => {
    const [batch, height, width] = x.shape;
    return shifted(tf.conv2dTranspose(x, kernel, [batch, height * STRIDE, width * STRIDE, outputs], STRIDE, 'same'));
  };
}

function prepareKernel<W extends tf.Tensor>(
  store: VariableStore,
  name: string,
  kernel: W,
  outputs: number,
  options: LayerOptions,
): (mode: Parameters<Layer>[1]) => W {
  if (options.spectral !== true) return () => kernel;
  const normalise = spectralNorm(store, name, outputs);
  return (mode) => normalise(kernel, mode);
}

function bias(
  store: VariableStore,
  name: string,
  outputs: number,
  options: LayerOptions,
): <X extends tf.Tensor>(x: X) => X {
  if (options.bias === false) return (x) => x;
  const offset = store.weight<tf.Rank.R1>(`${name}/bias`, [outputs], 'zeros');
  return (x) => tf.add(x, offset);
}
