import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { gather } from '../../../../core/backends/onnx/compile.ts';
import { exportGraph } from '../../../../core/backends/onnx/export.ts';
import { foldTransposed } from '../../../../core/backends/onnx/fold.ts';
import { GraphRunner } from '../../../../core/backends/onnx/graph-runner.ts';
import { placeholder } from '../../../../core/backends/onnx/backend.ts';
import { activeBackend, tensorOf } from '../../../../core/backends/onnx/step-program.ts';
import { largestDifference, useOnnxCpu } from './harness.ts';

const normal = <R extends tf.Rank>(shape: tf.ShapeMap[R], seed: number): tf.Tensor<R> =>
  tf.randomNormal<R>(shape, 0, 0.5, 'float32', seed);

/** Two layers as the generator has them: scale, shift and ReLU after the first; a bias and tanh after the second. */
function twoLayers(inner = 6, outer = 3) {
  const [w1, w2] = [normal<tf.Rank.R4>([4, 4, inner, 5], 1), normal<tf.Rank.R4>([4, 4, outer, inner], 2)];
  const [scale, shift] = [normal<tf.Rank.R1>([inner], 3), normal<tf.Rank.R1>([inner], 4)];
  const bias = normal<tf.Rank.R1>([outer], 5);
  return (x: tf.Tensor4D): tf.Tensor4D => {
    const [batch] = x.shape;
    const first = tf.conv2dTranspose(x, w1, [batch, 6, 6, inner], 2, 'same');
    const h = tf.relu(tf.add<tf.Tensor4D>(tf.mul(first, scale), shift));
    const second = tf.conv2dTranspose(h, w2, [batch, 12, 12, outer], 2, 'same');
    return tf.tanh(tf.add<tf.Tensor4D>(second, bias));
  };
}

/** Operators that depend on x, in order, as recorded and as folded. */
function operators(forward: (x: tf.Tensor4D) => tf.Tensor): [string[], string[]] {
  const backend = activeBackend();
  const names: [string[], string[]] = [[], []];
  backend.trace(() => {
    tf.tidy(() => {
      const input = placeholder([2, 3, 3, 5], 'float32');
      const output = backend.graphValue(forward(tensorOf(backend, input, 'float32') as tf.Tensor4D));
      [[output], foldTransposed([output])].forEach((outputs, i) => {
        const fed = new Set([input]);
        for (const node of gather(outputs).nodes) {
          if (!node.inputs.some((value) => fed.has(value))) continue;
          for (const value of node.outputs) fed.add(value);
          (names[i] as string[]).push(node.operator);
        }
      });
    });
  });
  return names;
}

describe('foldTransposed', () => {
  useOnnxCpu();

  it('leaves nothing between transposed convolutions but activations', () => {
    const [recorded, folded] = operators(twoLayers());
    expect(recorded.filter((name) => name === 'Add' || name === 'Mul')).toHaveLength(3);
    expect(folded.filter((name) => name !== 'Transpose')).toEqual(['ConvTranspose', 'Relu', 'ConvTranspose', 'Tanh']);
  });

  it('makes plain convolutions of those that the blocked layout suits', () => {
    const plain = ['Conv', 'Relu', 'Reshape', 'Reshape', 'Slice'];
    const upsampled = (inner: number, outer: number) =>
      operators(twoLayers(inner, outer))[1].filter((name) => name !== 'Transpose');
    expect(upsampled(16, 3)).toEqual([...plain, 'ConvTranspose', 'Tanh']);
    expect(upsampled(32, 16)).toEqual([...plain, ...plain.filter((name) => name !== 'Relu'), 'Tanh']);
  });

  it('leaves transposed convolutions of other strides', () => {
    const w = normal<tf.Rank.R4>([4, 4, 16, 5], 1);
    const [, folded] = operators((x) => tf.relu(tf.conv2dTranspose(x, w, [2, 3, 3, 16], 1, 'same')));
    expect(folded.filter((name) => name !== 'Transpose')).toEqual(['ConvTranspose', 'Relu']);
  });

  it.each([
    [6, 3],
    [16, 3],
    [32, 16],
  ])('gives the same pictures with %i and %i channels', async (inner, outer) => {
    const forward = twoLayers(inner, outer);
    const bytes = await exportGraph({
      inputs: { x: [3, 3, 5] },
      forward: ({ x }) => ({ y: forward(x as tf.Tensor4D) }),
    });
    const runner = await GraphRunner.load(bytes, { threads: 1 });
    const x = normal<tf.Rank.R4>([2, 3, 3, 5], 6);
    const { y } = await runner.run({ x: { data: (await x.data()) as Float32Array, shape: x.shape } });
    const expected = await forward(x).data();
    expect(Math.max(...expected)).toBeGreaterThan(0.5);
    expect(y?.shape).toEqual([2, 12, 12, outer]);
    expect(largestDifference(y?.data ?? [], expected)).toBeLessThan(1e-5);
    await runner.dispose();
  });

  it('keeps what others read as well', () => {
    const w = normal<tf.Rank.R4>([4, 4, 3, 5], 1);
    const [, folded] = operators((x) => {
      const y = tf.conv2dTranspose(x, w, [2, 6, 6, 3], 2, 'same');
      return tf.add(tf.relu(y), y);
    });
    expect(folded.filter((name) => name !== 'Transpose')).toEqual(['ConvTranspose', 'Relu', 'Add']);
  });

  it('leaves a scale that depends on the input alone', () => {
    const w = normal<tf.Rank.R4>([4, 4, 3, 5], 1);
    const [recorded, folded] = operators((x) => {
      const y = tf.conv2dTranspose(x, w, [2, 6, 6, 3], 2, 'same');
      return tf.mul(y, tf.slice(tf.mean(x, [0, 1, 2]), [0], [3]));
    });
    expect([...folded].sort()).toEqual([...recorded].sort());
  });
});
