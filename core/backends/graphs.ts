/** Exported networks: tracing a tfjs function into an ONNX file with a free batch dimension, and running such files. */
import { availableParallelism } from 'node:os';
import * as tf from '@tensorflow/tfjs';
import { registerOnnxBackend } from './onnx/index.ts';

export { exportGraph } from './onnx/export.ts';
export { computesOnProcessor, GraphRunner } from './onnx/graph-runner.ts';

/**
 * Runs `job`, which makes networks and exports them, with `onnx-cpu` as tfjs's current backend, and gives the former one back. Not to
 * be called between the awaits of a training step in the same process.
 */
export async function withExportBackend<T>(job: () => Promise<T>): Promise<T> {
  const former = tf.getBackend();
  // A registered backend may hold a training's variables: it is used as it is.
  const registered: unknown = tf.findBackend('onnx-cpu');
  if (registered === null) {
    await registerOnnxBackend({ provider: 'cpu', threads: availableParallelism() });
  }
  await tf.setBackend('onnx-cpu');
  try {
    return await job();
  } finally {
    if (typeof former === 'string' && former !== 'onnx-cpu') await tf.setBackend(former);
  }
}
