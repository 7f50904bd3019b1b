/** TensorFlow's own library: failures are explained; where NATIVE_TENSORFLOW names it, it is loaded beside our copy of tfjs-core. */
import util from 'node:util';
import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { openDevice } from '../../../core/backends/devices.ts';
import { explainTensorflowFailure, registerTensorflowBackend } from '../../../core/backends/tensorflow.ts';
import { probeTensorflow } from '../../../core/backends/adapters.ts';

const folder = process.env['NATIVE_TENSORFLOW'];
const skipped = folder === undefined ? ' (skipped: NATIVE_TENSORFLOW names no folder)' : '';
const name = '@tensorflow/tfjs-node-gpu';

describe('failures of loading', () => {
  it.each([
    [
      'libtensorflow.so.2: cannot open shared object file: No such file or directory',
      'libtensorflow.so.2, which is missing',
    ],
    [`Cannot find module '${name}'\nRequire stack:`, 'is not installed'],
    ['The Node.js native addon module (tfjs_binding.node) can not be found at path: /x', 'native part'],
    ['something else', 'something else'],
  ])('are explained: %s', (message, words) => {
    expect(explainTensorflowFailure(name, message)).toContain(words);
  });
});

describe('native TensorFlow', () => {
  it.skipIf(folder === undefined)(`is probed in a child process${skipped}`, async () => {
    const probe = await probeTensorflow();
    expect(probe).toMatchObject({ works: true, software: false });
  });

  it.skipIf(folder === undefined)(
    `registers without changing the current backend, and computes${skipped}`,
    async () => {
      await tf.setBackend('cpu');
      // Node 23 and later lack it.
      delete (util as { isNullOrUndefined?: unknown }).isNullOrUndefined;
      const loaded = await registerTensorflowBackend();
      expect(loaded.version).toMatch(/^\d+\.\d+/);
      expect(tf.getBackend()).toBe('cpu');
      expect(tf.env().getBool('PROD')).toBe(false);
      const device = await openDevice('tensorflow', { threads: 1 });
      expect(device.description).toContain('TensorFlow');
      expect(tf.getBackend()).toBe('tensorflow');
      const before = tf.memory().numTensors;
      const product = tf.tidy(() => tf.matMul(tf.ones([2, 3]), tf.ones([3, 2])));
      expect([...(await product.data())]).toEqual([3, 3, 3, 3]);
      product.dispose();
      expect(tf.memory().numTensors).toBe(before);
    },
  );

  it.skipIf(folder !== undefined)('that is not there is a CoreError with a remedy', async () => {
    const loaded = await registerTensorflowBackend().catch((error: unknown) => error);
    // It may be installed as the optional dependency.
    if (loaded instanceof Error) {
      expect(loaded).toMatchObject({ code: 'device/tensorflow' });
      expect(loaded.message).toContain('npm run setup:tensorflow');
    } else {
      expect(loaded).toMatchObject({ backend: 'tensorflow' });
    }
  });
});
