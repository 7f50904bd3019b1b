/** Runs an exported network. Weights are constants there, so ONNX Runtime lays them out for its fastest kernels by itself. */
import { availableParallelism } from 'node:os';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { CoreError, messageOf } from '../../errors.ts';
import type { DeviceName } from '../types.ts';
import { sessionOptions } from './session.ts';
import type { Provider } from './session.ts';

/**
 * Threads that wait for work do not spin: between two runs others decode pictures, and on two processors a spinning thread takes one of
 * them away (measured: bench/README.md, `score`).
 */
const patient: InferenceSession.SessionOptions = { extra: { session: { intra_op: { allow_spinning: '0' } } } };

/** float32 values with their shape, row-major. */
export interface GraphTensor {
  readonly data: Float32Array;
  readonly shape: readonly number[];
}

export interface GraphRunnerOptions {
  /** An ONNX device; devices of other engines run exported graphs on the CPU. */
  readonly device?: DeviceName;
  readonly threads?: number;
}

function providerOf(device: DeviceName | undefined): Provider {
  return (device?.startsWith('onnx-') === true ? device.slice(5) : 'cpu') as Provider;
}

/** Whether exported graphs run on the CPU when a device is asked for. */
export function computesOnProcessor(device: DeviceName | undefined): boolean {
  return providerOf(device) === 'cpu';
}

export class GraphRunner {
  readonly #session: InferenceSession;

  private constructor(session: InferenceSession) {
    this.#session = session;
  }

  /** Loads a model from bytes or a path. Throws `engine/load` if ONNX Runtime refuses it. */
  static async load(model: Uint8Array | string, options: GraphRunnerOptions = {}): Promise<GraphRunner> {
    const provider = providerOf(options.device);
    // A number of threads that is stated: those that the runtime chooses by itself are bound to processors, and wait when they are taken.
    const settings = { provider, threads: options.threads ?? availableParallelism(), optimisation: 'all' } as const;
    try {
      // The two overloads take a path or bytes; the call is the same.
      const session = await InferenceSession.create(model as string, { ...sessionOptions(settings), ...patient });
      return new GraphRunner(session);
    } catch (error) {
      const what = typeof model === 'string' ? model : 'an exported network';
      throw new CoreError('engine/load', `Cannot load ${what}: ${messageOf(error)}. Export it again.`, {
        cause: error,
      });
    }
  }

  get inputNames(): readonly string[] {
    return this.#session.inputNames;
  }

  /** Shapes of the inputs by name, as the file states them; null for a dimension that is free. */
  get inputShapes(): Readonly<Record<string, readonly (number | null)[]>> {
    const entries = this.#session.inputMetadata.flatMap((input) =>
      input.isTensor
        ? [[input.name, input.shape.map((side) => (typeof side === 'number' ? side : null))] as const]
        : [],
    );
    return Object.fromEntries(entries);
  }

  get outputNames(): readonly string[] {
    return this.#session.outputNames;
  }

  /**
   * Runs once. Resolves to copies that the caller owns, of the outputs that are `wanted`. Throws `engine/run` on a wrong shape or a failing
   * device.
   */
  async run(
    feeds: Readonly<Record<string, GraphTensor>>,
    wanted: readonly string[] = this.#session.outputNames,
  ): Promise<Record<string, GraphTensor>> {
    const inputs = Object.fromEntries(
      Object.entries(feeds).map(([name, { data, shape }]) => [name, new Tensor('float32', data, shape)]),
    );
    try {
      const outputs = await this.#session.run(inputs, wanted);
      return Object.fromEntries(
        Object.entries(outputs).map(([name, { data, dims }]) => [name, { data: data as Float32Array, shape: dims }]),
      );
    } catch (error) {
      throw new CoreError('engine/run', `The exported network failed: ${messageOf(error)}`, { cause: error });
    }
  }

  async dispose(): Promise<void> {
    await this.#session.release();
  }
}
