/** The operations that the step benchmark counts, beside counts made by hand. */
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { countOperations } from '../../../bench/step-operations.ts';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

const counted = async (action: () => tf.TensorContainer): Promise<number> =>
  countOperations(async () => {
    tf.tidy(action);
    return Promise.resolve();
  });

describe('operations', () => {
  // Output [2, 4, 4, 5], each element a sum of 3 x 3 x 2 products.
  const convolution = 2 * (2 * 4 * 4 * 5) * (3 * 3 * 2);
  const convolve = (x: tf.Tensor, filter: tf.Tensor) => tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, 2, 'same');

  it('of a convolution', async () => {
    expect(await counted(() => convolve(tf.ones([2, 8, 8, 2]), tf.ones([3, 3, 2, 5])))).toBe(convolution);
  });

  it('of its two gradients are as many each', async () => {
    const gradients = tf.grads((x: tf.Tensor, filter: tf.Tensor) => convolve(x, filter).sum());
    expect(await counted(() => gradients([tf.ones([2, 8, 8, 2]), tf.ones([3, 3, 2, 5])]))).toBe(3 * convolution);
  });

  it('of matrix products, transposed or not', async () => {
    expect(await counted(() => tf.matMul(tf.ones([3, 4]), tf.ones([4, 5])))).toBe(2 * 3 * 4 * 5);
    expect(await counted(() => tf.matMul(tf.ones([4, 3]), tf.ones([4, 5]), true))).toBe(2 * 3 * 4 * 5);
  });

  it('are counted only meanwhile, and leave no tensors', async () => {
    const before = tf.memory().numTensors;
    await expect(countOperations(() => Promise.reject(new Error('stopped')))).rejects.toThrow('stopped');
    expect(Object.hasOwn(tf.engine(), 'runKernel')).toBe(false);
    expect(tf.memory().numTensors).toBe(before);
  });
});
