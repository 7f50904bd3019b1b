/** Convolutions of random shapes as traced steps: forward and both gradients, on the fast path and with the standard operators. */
import * as tf from '@tensorflow/tfjs';
import { Lowering } from '../core/backends/onnx/blocked/lower.ts';
import { activeBackend, compileStep } from '../core/backends/onnx/step-program.ts';
import { simplify } from '../core/backends/onnx/simplify.ts';
import type { StepRequest } from '../core/backends/types.ts';
import { Random } from '../core/random.ts';

export interface ConvolutionCase {
  readonly batch: number;
  readonly height: number;
  readonly width: number;
  readonly inputs: number;
  readonly outputs: number;
  readonly kernel: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly pad: 'same' | 'valid';
  /** A transposed convolution from `outputs` to `inputs` channels instead of a convolution. */
  readonly transposed: boolean;
  /** ReLU or leaky ReLU after a bias; batch statistics in between. */
  readonly activation: 'relu' | 'leaky' | 'none';
  readonly normalised: boolean;
}

export interface CaseResult {
  /** `result`, and the gradients of a loss on it with respect to `filter`, `bias` and `images`. */
  readonly values: Readonly<Record<string, Float32Array>>;
  /** Convolutions that ran blocked and that kept the standard operator; 0 on the standard path. */
  readonly lowered: number;
  readonly kept: number;
}

/** Batches that fill no block, odd sizes and widths, and what the networks use, in about equal parts. */
export function randomCase(random: Random): ConvolutionCase {
  const pick = <T>(...choices: T[]): T => choices[random.integer(choices.length)] as T;
  const kernel = pick(1, 2, 3, 4, 5);
  const stride = pick(1, 2, 2, 3);
  const size = pick(5, 6, 7, 8, 12, 14);
  return {
    batch: pick(1, 5, 8, 16, 20, 32, 33),
    height: size,
    width: pick(size, size, 9),
    inputs: pick(1, 3, 8, 16, 20, 32, 48),
    outputs: pick(1, 3, 16, 24, 32, 48, 64),
    kernel: [kernel, pick(kernel, kernel, 3)],
    strides: [stride, pick(stride, stride, 1)],
    pad: pick('same', 'valid'),
    transposed: random.integer(3) === 0,
    activation: pick('relu', 'leaky', 'none'),
    normalised: random.integer(3) === 0,
  };
}

/** Runs a case on the active ONNX backend. */
export async function runCase(shape: ConvolutionCase, seed: number, path: 'fast' | 'standard'): Promise<CaseResult> {
  const backend = activeBackend();
  const { block } = backend.convolutions;
  const lowering = path === 'fast' && block !== null ? new Lowering(block) : null;
  const original = backend.lower.bind(backend);
  backend.lower = (outputs, inputs) => (lowering === null ? outputs : lowering.run(simplify(outputs, inputs)));
  tf.engine().startScope();
  const request = makeStep(shape, seed);
  tf.engine().endScope();
  try {
    const program = compileStep(request);
    const results = await program.run({});
    program.dispose();
    return { values: results, lowered: lowering?.lowered ?? 0, kept: lowering?.kept ?? 0 };
  } finally {
    backend.lower = original;
    tf.dispose([...request.variables]);
  }
}

function makeStep(shape: ConvolutionCase, seed: number): StepRequest {
  const random = Random.seeded(seed);
  const { batch, height, width, inputs, outputs, kernel, strides, pad, transposed } = shape;
  const count = kernel[0] * kernel[1] * inputs * outputs;
  const filter = tf.variable(tf.tensor4d(random.normals(count, 0.2), [...kernel, inputs, outputs]));
  const [from, to] = transposed ? [outputs, inputs] : [inputs, outputs];
  const size: [number, number, number, number] = [batch, height, width, from];
  const images = tf.variable(tf.tensor4d(random.normals(batch * height * width * from), size));
  const bias = tf.variable(tf.tensor1d(random.normals(to)));
  const variables: tf.Variable[] = [filter, bias, images];
  const grown = (side: number, axis: 0 | 1): number =>
    pad === 'same' ? side * strides[axis] : (side - 1) * strides[axis] + kernel[axis];
  const stride: [number, number] = [...strides];
  const forward = (): tf.Tensor4D => {
    const x = tf.tanh(images);
    const y = transposed
      ? tf.conv2dTranspose(x, filter, [batch, grown(height, 0), grown(width, 1), inputs], stride, pad)
      : tf.conv2d(x, filter, stride, pad);
    const centred = shape.normalised ? tf.mul<tf.Tensor4D>(tf.sub(y, tf.mean(y, [0, 1, 2])), tf.sigmoid(bias)) : y;
    const shifted = tf.add<tf.Tensor4D>(centred, bias);
    if (shape.activation === 'none') return shifted;
    return shape.activation === 'relu' ? tf.relu(shifted) : tf.leakyRelu(shifted, 0.2);
  };
  const loss = (): tf.Scalar => tf.mean(tf.sum(tf.square(tf.sin(forward())), [1, 2, 3]));
  const step = (): Record<string, tf.Tensor> => {
    const { grads } = tf.variableGrads(loss, variables);
    const gradient = (variable: tf.Variable): tf.Tensor => grads[variable.name] ?? tf.zerosLike(variable);
    return { result: forward(), filter: gradient(filter), bias: gradient(bias), images: gradient(images) };
  };
  return { feeds: {}, variables, step };
}

/**
 * Largest difference of any value, relative to the largest one of its array or to 1; NaN where one is missing. A bias's gradient counts a
 * tenth: it is a sum of up to 50,000 numbers, which the order of summing alone moves by 4e-4 of itself.
 */
export function largestError(fast: CaseResult, standard: CaseResult): number {
  let worst = 0;
  for (const [name, values] of Object.entries(fast.values)) {
    const others = standard.values[name] ?? new Float32Array();
    const scale = others.reduce((largest, value) => Math.max(largest, Math.abs(value)), 1);
    const part = name === 'bias' ? 10 : 1;
    values.forEach((value, j) => {
      const error = Math.abs(value - (others[j] ?? Number.NaN)) / (scale * part);
      // Written so that NaN stays.
      if (!(error <= worst)) worst = error;
    });
  }
  return worst;
}
