/** Shared set-up of the engine's tests: the backend registered once, tensors counted around each test. */
import * as tf from '@tensorflow/tfjs';
import { afterEach, beforeAll, beforeEach, expect } from 'vitest';
import { OnnxBackend } from '../../../../core/backends/onnx/backend.ts';
import { registerOnnxBackend } from '../../../../core/backends/onnx/index.ts';

/** Makes `onnx-cpu` the active backend and fails a test that leaks tensors. */
export function useOnnxCpu(): void {
  beforeAll(async () => {
    await tf.setBackend(await registerOnnxBackend({ provider: 'cpu', threads: 1 }));
  });
  beforeEach(() => {
    tf.engine().startScope();
  });
  afterEach(() => {
    tf.engine().endScope();
    tf.disposeVariables();
    expect(tf.memory().numTensors).toBe(0);
  });
}

/** The active backend, as the class that it is. */
export function onnxBackend(): OnnxBackend {
  const backend = tf.backend();
  if (!(backend instanceof OnnxBackend)) throw new Error(`${tf.getBackend()} is no ONNX device`);
  return backend;
}

export function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length);
  return Math.max(...Array.from(a, (value, i) => Math.abs(value - (b[i] ?? Number.NaN))));
}
