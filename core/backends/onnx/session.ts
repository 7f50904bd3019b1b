/**
 * A native session run synchronously, which the public interface of onnxruntime-node does not offer: tfjs kernels may be asked for
 * values at once (`dataSync`), and the public `run` costs a turn of the event loop for each call. The binding below is private to
 * onnxruntime-node, so the exact version is pinned in package.json and {@link checkBinding} tries it before anything relies on it.
 */
import binding from 'onnxruntime-node/dist/binding.js';
import { Tensor } from 'onnxruntime-common';
import type { InferenceSession } from 'onnxruntime-common';
import { CoreError, messageOf } from '../../errors.ts';
import type { ElementType } from './graph.ts';

/** A tensor of ONNX Runtime, on the host or on the device. */
export type DeviceTensor = Tensor;

export type Provider = 'cpu' | 'webgpu' | 'cuda' | 'dml' | 'coreml';

export interface SessionSettings {
  readonly provider: Provider;
  /** Threads of one operator; the default is one for each physical core that the process may use. */
  readonly threads: number;
  /** `basic` for recorded steps, whose weights are inputs; `all` where weights are constants of the graph. */
  readonly optimisation: 'basic' | 'all';
}

/** How outputs are delivered: `keep` leaves them on the device where the provider has memory of its own. */
export type OutputPlacement = 'host' | 'keep';

export class Session {
  readonly #native: InstanceType<typeof binding.binding.InferenceSession>;
  readonly #fetches: Record<string, null>;
  readonly #provider: Provider;

  constructor(model: Uint8Array, outputs: readonly string[], settings: SessionSettings, kept: readonly string[] = []) {
    binding.initOrt();
    this.#native = new binding.binding.InferenceSession();
    this.#provider = settings.provider;
    this.#fetches = Object.fromEntries(outputs.map((name) => [name, null]));
    try {
      this.#native.loadModel(
        model.buffer as ArrayBuffer,
        model.byteOffset,
        model.byteLength,
        sessionOptions(settings, outputs, kept),
      );
    } catch (error) {
      throw new CoreError('engine/compile', `ONNX Runtime refused a graph: ${messageOf(error)}`, { cause: error });
    }
  }

  run(feeds: Record<string, DeviceTensor>): Record<string, DeviceTensor> {
    try {
      return this.#native.run(feeds, this.#fetches, {});
    } catch (error) {
      throw runError(error, this.#provider);
    }
  }

  dispose(): void {
    this.#native.dispose();
  }
}

/** How drivers and runtimes say that a device is gone: unplugged, reset after a hang, out of its owner's hands. */
const lost =
  /device\]?[\s_-]*(was |is |has been )?(lost|removed|hung|reset)|context[\s_-]*lost|cuda error|unspecified launch failure/i;

/**
 * What a failed run says. `device/lost`: the GPU is gone and everything in its memory with it; nothing that was computed since the last
 * checkpoint can be read any more.
 */
export function runError(error: unknown, provider: Provider): CoreError {
  const message = messageOf(error);
  if (provider !== 'cpu' && lost.test(message))
    return new CoreError(
      'device/lost',
      `The GPU stopped working (onnx-${provider}): ${message} Start again from the last checkpoint, with --resume, on the same ` +
        'device or with --device onnx-cpu.',
      { cause: error },
    );
  return new CoreError('engine/run', `ONNX Runtime failed: ${message}`, { cause: error });
}

/** Options that every session has in common; `kept` outputs stay on the device. */
export function sessionOptions(
  settings: SessionSettings,
  outputs: readonly string[] = [],
  kept: readonly string[] = [],
): InferenceSession.SessionOptions {
  const keeps = new Set(kept);
  return {
    executionProviders: settings.provider === 'cpu' ? ['cpu'] : [settings.provider, 'cpu'],
    intraOpNumThreads: settings.threads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: settings.optimisation,
    logSeverityLevel: 4,
    // Otherwise the second run asks for one block as large as all that the first one used, on top of it: a third more memory for nothing.
    enableMemPattern: false,
    // Threads that spin for long between operators starve the other processes of a busy machine (2-3 times slower there).
    extra: { session: { intra_op: { spin_duration_us: '100' } } },
    ...(keeps.size > 0 && {
      preferredOutputLocation: Object.fromEntries(
        outputs.map((name) => [name, keeps.has(name) ? ('gpu-buffer' as const) : ('cpu' as const)]),
      ),
    }),
  };
}

export function hostTensor(
  type: ElementType,
  data: Float32Array | Int32Array | Uint8Array | BigInt64Array,
  shape: readonly number[],
): DeviceTensor {
  switch (type) {
    case 'float32':
      return new Tensor('float32', data as Float32Array, shape);
    case 'int32':
      return new Tensor('int32', data as Int32Array, shape);
    case 'bool':
      return new Tensor('bool', data as Uint8Array, shape);
    case 'int64':
      return new Tensor('int64', data as BigInt64Array, shape);
  }
}
