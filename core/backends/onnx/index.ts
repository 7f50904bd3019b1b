/** The lazy ONNX Runtime backend for TensorFlow.js: registration and what the devices room needs of it. */
import * as tf from '@tensorflow/tfjs';
import { OnnxBackend } from './backend.ts';
import { runOnReference } from './fallback.ts';
import { registerLeanGradients } from './gradients.ts';
import { registerKernels } from './kernel.ts';
import { registry } from './kernels/registry.generated.ts';
import type { Provider } from './session.ts';

export { blockedSupport } from './blocked/probe.ts';
export { compileStep } from './step-program.ts';
export type { Provider } from './session.ts';

export interface RegisterOptions {
  readonly provider: Provider;
  /** Threads of one operator. */
  readonly threads?: number;
  /** False computes traced steps as they were recorded, with the standard operators; for comparisons. */
  readonly blocked?: boolean;
}

/** What the engine holds and what it could not do itself. */
export interface EngineStatistics {
  /** Compiled graphs of the lazy path that are alive. */
  readonly sessions: number;
  /** Kernels that ran on the CPU reference, with counts. */
  readonly fallbacks: ReadonlyMap<string, number>;
  readonly dataIds: number;
}

const registered = new Map<string, RegisterOptions>();

/**
 * Registers the backend for a provider as `onnx-<provider>` and returns that name, ready for `tf.setBackend`. Registering a provider
 * again with other threads replaces it.
 */
export async function registerOnnxBackend(options: RegisterOptions): Promise<string> {
  const name = `onnx-${options.provider}`;
  const known = registered.get(name);
  if (known !== undefined && known.threads === options.threads && known.blocked === options.blocked) return name;
  if (known !== undefined) tf.removeBackend(name);
  registerLeanGradients();
  if (known === undefined) {
    const kernels = registerKernels(name, registry.flat(), runOnReference);
    registerFallbacks(name, kernels);
  }
  tf.registerBackend(name, () => new OnnxBackend({ ...options, threads: options.threads ?? 0 }), 0);
  registered.set(name, options);
  return Promise.resolve(name);
}

/** Every kernel that the CPU reference has and we do not. */
function registerFallbacks(backendName: string, own: ReadonlySet<string>): void {
  for (const { kernelName } of tf.getKernelsForBackend('cpu')) {
    if (own.has(kernelName)) continue;
    registerKernels(backendName, [{ name: kernelName, run: () => null }], runOnReference);
  }
}

/** Statistics of the active backend, or of the named one. */
export function engineStatistics(name: string = tf.getBackend()): EngineStatistics {
  const backend = tf.findBackend(name);
  if (!(backend instanceof OnnxBackend)) return { sessions: 0, fallbacks: new Map(), dataIds: 0 };
  return { sessions: backend.sessionCount, fallbacks: backend.fallbacks, dataIds: backend.numDataIds() };
}
