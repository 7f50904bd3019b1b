import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { engineStatistics } from '../../../../core/backends/onnx/index.ts';
import { onnxBackend, useOnnxCpu } from './harness.ts';

describe('the lazy backend', () => {
  useOnnxCpu();

  it('owns what is written and gives copies when read', async () => {
    const source = Float32Array.of(1, 2, 3);
    const tensor = tf.tensor1d(source);
    source[0] = 99;
    const first = await tensor.data();
    first[1] = 99;
    expect([...(await tensor.data())]).toEqual([1, 2, 3]);
  });

  it('computes every living tensor in one run and compiles the same sequence once', async () => {
    const sequence = async (): Promise<void> => {
      const x = tf.tensor1d([1, 2, 3]);
      const y = tf.mul(x, 2);
      const z = tf.add(y, 1);
      expect([...(await z.data())]).toEqual([3, 5, 7]);
      expect([...(await y.data())]).toEqual([2, 4, 6]);
      tf.dispose([x, y, z]);
    };
    await sequence();
    const { sessions } = engineStatistics();
    await sequence();
    expect(engineStatistics().sessions).toBe(sessions);
  });

  it('flushes by itself when nobody reads', async () => {
    const counter = tf.variable(tf.scalar(0));
    for (let i = 0; i < 5000; i++)
      tf.tidy(() => {
        counter.assign(tf.add(counter, 1));
      });
    expect([...(await counter.data())]).toEqual([5000]);
  });

  it('keeps what is pending when a run fails, and says what failed', () => {
    const x = tf.tensor1d([1, 2]);
    const good = tf.add(x, 1);
    const original = onnxBackend().storedValue(good.dataId);
    const bad = { dataId: {}, shape: [3], dtype: 'float32' as const };
    expect(() => onnxBackend().graphValue(bad)).toThrow(/disposed/);
    const broken = {
      ...original,
      node: { ...original.node, operator: 'NoSuchOperator', outputs: [] as unknown[] },
      live: 0,
    };
    broken.node.outputs.push(broken);
    const dataId = onnxBackend().hold(broken as never, 'float32');
    expect(() => good.dataSync()).toThrow(/ONNX Runtime refused a graph/);
    onnxBackend().disposeData(dataId);
    expect([...good.dataSync()]).toEqual([2, 3]);
  });

  it('takes over tensors that another backend made', async () => {
    await tf.setBackend('cpu');
    const made = tf.tensor1d([1, 2]);
    await tf.setBackend('onnx-cpu');
    expect([...(await tf.add(made, 1).data())]).toEqual([2, 3]);
  });

  it('counts kernels that fall back, and runs them', async () => {
    const before = engineStatistics().fallbacks.get('Cumsum') ?? 0;
    expect([...(await tf.cumsum(tf.tensor1d([1, 2, 3])).data())]).toEqual([1, 3, 6]);
    expect(engineStatistics().fallbacks.get('Cumsum')).toBe(before + 1);
  });

  it('leaves no data behind', async () => {
    const before = engineStatistics().dataIds;
    const result = tf.tidy(() => tf.softmax(tf.matMul(tf.ones([2, 3]), tf.ones([3, 2]))));
    await result.data();
    result.dispose();
    expect(engineStatistics().dataIds).toBe(before);
  });
});
