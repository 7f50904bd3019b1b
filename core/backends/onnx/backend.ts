/**
 * The lazy TensorFlow.js backend on ONNX Runtime. Kernels append nodes to a graph and return at once; reading a tensor compiles what
 * all living tensors need into one model, runs it, and keeps every result. The same sequence of operations finds its compiled
 * session again. A training step is better traced once and replayed: see step-program.ts.
 */
import * as tf from '@tensorflow/tfjs';
import { CoreError } from '../../errors.ts';
import { Lowering } from './blocked/lower.ts';
import { blockedSupport } from './blocked/probe.ts';
import type { BlockedSupport } from './blocked/probe.ts';
import { emit, integers, leaf, sameShape } from './graph.ts';
import type { ElementType, Value } from './graph.ts';
import { LazyGraph } from './lazy-graph.ts';
import { simplify } from './simplify.ts';
import { hostTensor } from './session.ts';
import type { DeviceTensor, Provider, SessionSettings } from './session.ts';

export interface OnnxBackendOptions {
  readonly provider: Provider;
  readonly threads: number;
  /**
   * False computes traced steps as they were recorded, with the standard operators; for comparisons. Default: with fewer nodes, and
   * on the CPU with blocked convolutions where the probe allows them.
   */
  readonly blocked?: boolean;
}

/** What a DataId stands for. Exactly one of `value`, `strings`, `complex` is set. */
interface Entry {
  references: number;
  readonly dtype: tf.DataType;
  value: Value | null;
  readonly strings: tf.backend_util.BackendValues | null;
  readonly complex: { readonly real: tf.TensorInfo; readonly imag: tf.TensorInfo } | null;
}

export class OnnxBackend extends tf.KernelBackend {
  readonly settings: SessionSettings;
  /** Which convolutions traced steps use, and why. */
  readonly convolutions: BlockedSupport;
  /** Kernels that ran on the CPU reference instead, with counts. */
  readonly fallbacks = new Map<string, number>();
  readonly #entries = new Map<tf.DataId, Entry>();
  readonly #graph: LazyGraph;
  readonly #asRecorded: boolean;

  constructor(options: OnnxBackendOptions) {
    super();
    this.settings = { provider: options.provider, threads: options.threads, optimisation: 'basic' };
    this.#graph = new LazyGraph(this.settings);
    this.#asRecorded = options.blocked === false;
    this.convolutions =
      options.provider !== 'cpu'
        ? { block: null, reason: 'convolutions of the provider' }
        : options.blocked === false
          ? { block: null, reason: 'standard convolutions (asked for)' }
          : blockedSupport();
  }

  get sessionCount(): number {
    return this.#graph.sessionCount;
  }

  // --- tensors -------------------------------------------------------------------------------------------------------

  override write(values: tf.backend_util.BackendValues, shape: number[], dtype: tf.DataType): tf.DataId {
    if (dtype === 'string') return this.#register({ dtype, value: null, strings: values, complex: null });
    const type = elementType(dtype);
    // The caller may change its array afterwards, and a small result must not pin a large buffer.
    const data = type === 'float32' ? Float32Array.from(values as Float32Array) : integerData(type, values);
    return this.hold(leaf(shape, type, hostTensor(type, data, shape)), dtype);
  }

  override move(
    dataId: tf.DataId,
    values: tf.backend_util.BackendValues,
    shape: number[],
    dtype: tf.DataType,
    references: number,
  ): void {
    const written = this.write(values, shape, dtype);
    const entry = this.#entry(written);
    this.#entries.delete(written);
    entry.references = references;
    this.#entries.set(dataId, entry);
  }

  /** A new DataId for a value, owned by one tensor. */
  hold(value: Value, dtype: tf.DataType): tf.DataId {
    this.#graph.hold(value);
    return this.#register({ dtype, value, strings: null, complex: null });
  }

  registerComplex(real: tf.TensorInfo, imag: tf.TensorInfo): tf.DataId {
    return this.#register({ dtype: 'complex64', value: null, strings: null, complex: { real, imag } });
  }

  #register(entry: Omit<Entry, 'references'>): tf.DataId {
    const dataId = {};
    this.#entries.set(dataId, { ...entry, references: 1 });
    return dataId;
  }

  #entry(dataId: tf.DataId): Entry {
    const entry = this.#entries.get(dataId) ?? this.#fetchFromOtherBackend(dataId);
    if (entry === undefined) throw new CoreError('engine/disposed', 'A tensor was used after it was disposed of.');
    return entry;
  }

  /** Tensors made while another backend was active move here on first use. */
  #fetchFromOtherBackend(dataId: tf.DataId): Entry | undefined {
    if (!tf.engine().state.tensorInfo.has(dataId)) return undefined;
    tf.engine().moveData(this, dataId);
    return this.#entries.get(dataId);
  }

  /** The value of a tensor in the tensor's own shape (a reshaped tensor shares its DataId with the original). */
  graphValue(info: tf.TensorInfo): Value {
    const { value } = this.#entry(info.dataId);
    if (value === null) throw new CoreError('engine/type', `No arithmetic on ${info.dtype} tensors on this device.`);
    if (sameShape(value.shape, info.shape)) return value;
    // Even a view of known contents is a node: a captured step must see the weights behind it, not take it for a constant.
    return emit('Reshape', [value, integers(info.shape)], info.shape);
  }

  /** The stored value behind a DataId, whatever the shape of the tensor that holds it. */
  storedValue(dataId: tf.DataId): Value {
    const { value } = this.#entry(dataId);
    if (value === null) throw new CoreError('engine/type', 'No arithmetic on this tensor on this device.');
    return value;
  }

  /** Puts another value behind a DataId; only for holders that nobody shares. */
  replaceValue(dataId: tf.DataId, value: Value): void {
    const entry = this.#entry(dataId);
    if (entry.value !== null) this.#graph.release(entry.value);
    this.#graph.hold(value);
    entry.value = value;
  }

  complexParts(dataId: tf.DataId): Entry['complex'] {
    return this.#entry(dataId).complex;
  }

  override refCount(dataId: tf.DataId): number {
    return this.#entries.get(dataId)?.references ?? 0;
  }

  override incRef(dataId: tf.DataId): void {
    this.#entry(dataId).references++;
  }

  override disposeData(dataId: tf.DataId, force = false): boolean {
    const entry = this.#entries.get(dataId);
    if (entry === undefined) return true;
    entry.references--;
    if (!force && entry.references > 0) return false;
    if (entry.value !== null) this.#graph.release(entry.value);
    if (entry.complex !== null) {
      this.disposeData(entry.complex.real.dataId);
      this.disposeData(entry.complex.imag.dataId);
    }
    this.#entries.delete(dataId);
    return true;
  }

  override numDataIds(): number {
    return this.#entries.size;
  }

  // --- running -------------------------------------------------------------------------------------------------------

  override read(dataId: tf.DataId): Promise<tf.backend_util.BackendValues> {
    return Promise.resolve(this.readSync(dataId));
  }

  override readSync(dataId: tf.DataId): tf.backend_util.BackendValues {
    const { value, strings, complex } = this.#entry(dataId);
    if (strings !== null) return strings;
    if (complex !== null)
      return tf.backend_util.mergeRealAndImagArrays(
        this.readSync(complex.real.dataId) as Float32Array,
        this.readSync(complex.imag.dataId) as Float32Array,
      );
    if (value === null) throw new CoreError('engine/type', 'This tensor has no values on this device.');
    return copyOf(this.#onHost(value).data as Float32Array);
  }

  /** Contents on the host. From device memory they come through a graph of one node: a tensor's own download aborts the process. */
  #onHost(value: Value): DeviceTensor {
    const tensor = this.materialise(value);
    return tensor.location === 'gpu-buffer' ? this.materialise(emit('Identity', [value], value.shape)) : tensor;
  }

  materialise(value: Value): DeviceTensor {
    return this.#graph.materialise(value);
  }

  flush(): void {
    this.#graph.flush();
  }

  /** To be called before each kernel: runs a graph that has become long. */
  flushIfLong(): void {
    this.#graph.flushIfLong();
  }

  /** See {@link LazyGraph.trace}. */
  trace<T>(body: () => T): T {
    return this.#graph.trace(body);
  }

  /**
   * Rewrites what a traced step computes: with fewer nodes, and for this device's fastest convolutions. `inputs` are the leaves whose
   * contents change from run to run.
   */
  lower(outputs: readonly Value[], inputs: ReadonlySet<Value>): readonly Value[] {
    if (this.#asRecorded) return outputs;
    const { block } = this.convolutions;
    const simple = simplify(outputs, inputs);
    return block === null ? simple : new Lowering(block).run(simple);
  }

  // --- what tfjs asks of a backend -----------------------------------------------------------------------------------

  override memory(): { unreliable: boolean; reasons: string[] } {
    return { unreliable: true, reasons: ['Values that are still pending take no memory yet.'] };
  }

  override floatPrecision(): 16 | 32 {
    return 32;
  }

  override epsilon(): number {
    return 1e-7;
  }

  override timerAvailable(): boolean {
    return true;
  }

  override async time(body: () => void): Promise<tf.BackendTimingInfo> {
    const start = performance.now();
    body();
    this.flush();
    return Promise.resolve({ kernelMs: performance.now() - start });
  }

  override dispose(): void {
    this.#graph.dispose();
    this.#entries.clear();
  }
}

export function elementType(dtype: tf.DataType): Exclude<ElementType, 'int64'> {
  if (dtype === 'float32' || dtype === 'int32' || dtype === 'bool') return dtype;
  throw new CoreError('engine/type', `No arithmetic on ${dtype} tensors on this device.`);
}

function integerData(type: ElementType, values: tf.backend_util.BackendValues): Int32Array | Uint8Array {
  return type === 'int32' ? Int32Array.from(values as Int32Array) : Uint8Array.from(values as Uint8Array);
}

/** Readers own what they get: later runs may reuse the tensor's memory. */
function copyOf<T extends Float32Array | Int32Array | Uint8Array>(data: T): T {
  return data.slice() as T;
}

/** A placeholder for what a step is fed, of known shape and without contents. */
export function placeholder(shape: readonly number[], type: 'float32' | 'int32'): Value {
  return leaf(shape, type, null);
}
