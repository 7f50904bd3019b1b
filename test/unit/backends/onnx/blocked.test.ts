import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { blockedSupport } from '../../../../core/backends/onnx/blocked/probe.ts';
import { Lowering } from '../../../../core/backends/onnx/blocked/lower.ts';
import { phasesOf } from '../../../../core/backends/onnx/blocked/convolution.ts';
import { compileStep } from '../../../../core/backends/onnx/index.ts';
import { Random } from '../../../../core/random.ts';
import { largestDifference, onnxBackend, useOnnxCpu } from './harness.ts';

const { block, reason } = blockedSupport();
const skipped = block === null ? ` (skipped: ${reason})` : '';

/** A convolution with everything around it that the lowering carries: bias, batch statistics, activation, a part of the batch. */
interface Case {
  readonly batch: number;
  readonly size: number;
  readonly inputs: number;
  readonly outputs: number;
  readonly kernel: number;
  readonly stride: number;
  readonly pad: 'same' | 'valid';
}

function randomCase(random: Random): Case {
  const pick = <T>(...choices: T[]): T => choices[random.integer(choices.length)] as T;
  return {
    batch: pick(1, 5, 16, 32),
    size: pick(5, 8, 12),
    inputs: pick(1, 3, 8, 16, 20, 32),
    outputs: pick(1, 16, 24, 48),
    kernel: pick(1, 3, 4),
    stride: pick(1, 2, 3),
    pad: pick('same', 'valid'),
  };
}

/** Loss and gradients of one case with respect to filter, bias and images, as a traced step that stores them. */
async function gradientsOf(shape: Case, seed: number): Promise<Float32Array[]> {
  const random = Random.seeded(seed);
  const { batch, size, inputs, outputs, kernel, stride, pad } = shape;
  const filter = tf.variable(
    tf.tensor4d(random.normals(kernel ** 2 * inputs * outputs, 0.2), [kernel, kernel, inputs, outputs]),
  );
  const bias = tf.variable(tf.tensor1d(random.normals(outputs)));
  const input = tf.variable(tf.tensor4d(random.normals(batch * size ** 2 * inputs), [batch, size, size, inputs]));
  const variables = [filter, bias, input];
  const loss = (): tf.Scalar => {
    const y = tf.conv2d(tf.tanh(input), filter, stride, pad);
    const centred = tf.sub(tf.add(y, bias), tf.mean(y, [0, 1, 2]));
    const h = tf.leakyRelu(tf.mul(centred, tf.sigmoid(bias)), 0.2);
    const joined = tf.concat([h, tf.mul(h, 2)], 0);
    const back = tf.conv2dTranspose(
      tf.slice(joined, [0, 0, 0, 0], [batch, -1, -1, -1]) as tf.Tensor4D,
      filter,
      [batch, size, size, inputs],
      stride,
      pad,
    );
    return tf.add(tf.sum(tf.square(back)), tf.mean(tf.sum(tf.square(joined), [1, 2, 3])));
  };
  const program = compileStep({
    feeds: { unused: { shape: [1], dtype: 'float32' } },
    variables,
    step: () => {
      const { value, grads } = tf.variableGrads(loss, variables);
      return { loss: value, ...grads };
    },
  });
  const results = await program.run({ unused: new Float32Array(1) });
  program.dispose();
  tf.dispose(variables);
  return Object.values(results);
}

describe('phasesOf', () => {
  it('splits a 4-tap transposed convolution of stride 2 into two taps a phase', () => {
    expect(phasesOf(4, 2, 1, 8, 4)).toEqual([
      { start: 3, taps: 2, before: 1, after: 0 },
      { start: 2, taps: 2, before: 0, after: 1 },
    ]);
  });

  it('declines sizes that are no multiple of the stride', () => {
    expect(phasesOf(4, 2, 1, 7, 4)).toBeNull();
  });
});

describe(`blocked convolutions${skipped}`, () => {
  useOnnxCpu();

  it.skipIf(block === null)('give the gradients of the standard operators on random shapes', async () => {
    const random = Random.seeded(7);
    const backend = onnxBackend();
    const original = backend.lower.bind(backend);
    for (let i = 0; i < 40; i++) {
      const shape = randomCase(random);
      const blocked = await gradientsOf(shape, i);
      backend.lower = (outputs) => outputs;
      const standard = await gradientsOf(shape, i);
      backend.lower = original;
      expect(blocked.length).toBe(standard.length);
      blocked.forEach((values, j) => {
        const scale = Math.max(1, ...(standard[j] ?? []).map(Math.abs));
        expect(largestDifference(values, standard[j] ?? []) / scale, JSON.stringify(shape)).toBeLessThan(1e-4);
      });
    }
  });

  it.skipIf(block === null)('lowers all three convolutions of a layer whose channels fill the blocks', () => {
    const backend = onnxBackend();
    const lowering = new Lowering(block ?? 16);
    const filter = tf.variable(tf.randomNormal([4, 4, 16, 32]));
    const x = tf.variable(tf.randomNormal([16, 8, 8, 16]));
    const original = backend.lower.bind(backend);
    backend.lower = (outputs) => lowering.run(outputs);
    const loss = (): tf.Scalar => tf.sum(tf.square(tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, 2, 'same')));
    compileStep({
      feeds: {},
      variables: [filter, x],
      step: () => tf.variableGrads(loss, [filter, x]).grads,
    }).dispose();
    backend.lower = original;
    expect({ lowered: lowering.lowered, kept: lowering.kept }).toEqual({ lowered: 3, kept: 0 });
  });
});
