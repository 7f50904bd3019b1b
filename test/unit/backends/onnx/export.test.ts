import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { exportGraph } from '../../../../core/backends/onnx/export.ts';
import { GraphRunner } from '../../../../core/backends/onnx/graph-runner.ts';
import { largestDifference, useOnnxCpu } from './harness.ts';

describe('exportGraph', () => {
  useOnnxCpu();

  it('runs at any batch size and agrees with tfjs', async () => {
    const filter = tf.variable(tf.randomNormal([4, 4, 2, 16], 0, 0.3, 'float32', 1));
    const up = tf.variable(tf.randomNormal([4, 4, 3, 16], 0, 0.3, 'float32', 2));
    const forward = (x: tf.Tensor4D) => {
      const h = tf.leakyRelu(tf.conv2d(x, filter as tf.Tensor4D, 2, 'same'), 0.2);
      const y = tf.conv2dTranspose(h, up as tf.Tensor4D, [h.shape[0], 8, 8, 3], 2, 'same');
      return { y: tf.tanh(y), flat: tf.reshape(h, [h.shape[0], -1]), mean: tf.mean(tf.square(h), [1, 2, 3]) };
    };
    const bytes = await exportGraph({ inputs: { x: [8, 8, 2] }, forward: ({ x }) => forward(x as tf.Tensor4D) });
    const runner = await GraphRunner.load(bytes, { threads: 1 });
    expect([...runner.inputNames]).toEqual(['x']);
    for (const batch of [1, 5]) {
      const shape: [number, number, number, number] = [batch, 8, 8, 2];
      const x = tf.randomNormal<tf.Rank.R4>(shape, 0, 1, 'float32', batch);
      const outputs = await runner.run({ x: { data: (await x.data()) as Float32Array, shape } });
      for (const [name, tensor] of Object.entries(forward(x))) {
        expect(outputs[name]?.shape).toEqual(tensor.shape);
        expect(largestDifference(outputs[name]?.data ?? [], await tensor.data())).toBeLessThan(1e-5);
      }
    }
    await runner.dispose();
  });

  it('refuses an operation that fixes the batch size', async () => {
    const fixed = exportGraph({
      inputs: { x: [2] },
      forward: ({ x }) => ({ y: tf.tile(tf.ones([1, 2]), [x?.shape[0] ?? 1, 1]) }),
    });
    await expect(fixed).rejects.toThrow(/batch size is fixed/);
  });

  it('says what is wrong with a file that is no model', async () => {
    await expect(GraphRunner.load(new Uint8Array(20))).rejects.toThrow(/Cannot load an exported network/);
  });
});
