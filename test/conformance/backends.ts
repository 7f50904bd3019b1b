/** Registers the backend to be tested with the suite's own copy of tfjs-core. */
// The whole of tfjs: tfjs-core alone registers no gradients.
import '@tensorflow/tfjs';
import { engineStatistics, registerOnnxBackend } from '../../core/backends/onnx/index.ts';
import { registerTensorflowBackend } from '../../core/backends/tensorflow.ts';

const providers = ['cpu', 'webgpu', 'cuda', 'dml', 'coreml'] as const;

/** Makes `tf.setBackend(name)` work. */
export async function registerBackend(name: string, threads: number): Promise<void> {
  if (name === 'cpu') return;
  if (name === 'tensorflow') {
    await registerTensorflowBackend();
    return;
  }
  const provider = providers.find((candidate) => name === `onnx-${candidate}`);
  if (provider === undefined) throw new Error(`No backend is called ${name}. Use cpu, tensorflow or onnx-<provider>.`);
  await registerOnnxBackend({ provider, threads });
}

/** Kernels that fell back to tfjs's cpu code, with how often, most frequent first. */
export function fallbacksOf(name: string): [string, number][] {
  if (!name.startsWith('onnx-')) return [];
  return [...engineStatistics().fallbacks].sort((a, b) => b[1] - a[1]);
}
