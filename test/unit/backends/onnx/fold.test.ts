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
function twoLayers() {
  const [w1, w2] = [normal<tf.Rank.R4>([4, 4, 6, 5], 1), normal<tf.Rank.R4>([4, 4, 3, 6], 2)];
  const [scale, shift, bias] = [normal<tf.Rank.R1>([6], 3), normal<tf.Rank.R1>([6], 4), normal<tf.Rank.R1>([3], 5)];
  return (x: tf.Tensor4D): tf.Tensor4D => {
    const [batch] = x.shape;
    const first = tf.conv2dTranspose(x, w1, [batch, 6, 6, 6], 2, 'same');
    const h = tf.relu(tf.add<tf.Tensor4D>(tf.mul(first, scale), shift));
    const second = tf.conv2dTranspose(h, w2, [batch, 12, 12, 3], 2, 'same');
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

  it('gives the same pictures', async () => {
    const forward = twoLayers();
    const bytes = await exportGraph({
      inputs: { x: [3, 3, 5] },
      forward: ({ x }) => ({ y: forward(x as tf.Tensor4D) }),
    });
    const runner = await GraphRunner.load(bytes, { threads: 1 });
    const x = normal<tf.Rank.R4>([2, 3, 3, 5], 6);
    const { y } = await runner.run({ x: { data: (await x.data()) as Float32Array, shape: x.shape } });
    const expected = await forward(x).data();
    expect(Math.max(...expected)).toBeGreaterThan(0.5);
    expect(largestDifference(y?.data ?? [], expected)).toBeLessThan(1e-6);
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
