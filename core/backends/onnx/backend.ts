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
import { buildModel, gather } from './compile.ts';
import type { Subgraph } from './compile.ts';
import { emit, integers, leaf, nodesCreated, sameShape } from './graph.ts';
import type { ElementType, Value } from './graph.ts';
import { SessionCache } from './session-cache.ts';
import type { CachedSession } from './session-cache.ts';
import { hostTensor, Session } from './session.ts';
import type { DeviceTensor, Provider, SessionSettings } from './session.ts';

/** Pending nodes after which the backend flushes by itself, so that training that never reads does not grow the graph. */
const flushAt = 4_000;
/** Compiled graphs kept; each owns a thread pool. */
const cachedSessions = 64;

export interface OnnxBackendOptions {
  readonly provider: Provider;
  readonly threads: number;
  /** Whether traced steps may use blocked convolutions; only the CPU provider has them. Default: yes, where the probe allows. */
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
  /** Living values that no run has computed yet: exactly the outputs of the next flush. */
  readonly #pending = new Set<Value>();
  readonly #sessions = new SessionCache(cachedSessions);
  #flushedNodes = nodesCreated();
  #tracing = false;

  constructor(options: OnnxBackendOptions) {
    super();
    this.settings = { provider: options.provider, threads: options.threads, optimisation: 'basic' };
    this.convolutions =
      options.provider !== 'cpu'
        ? { block: null, reason: 'convolutions of the provider' }
        : options.blocked === false
          ? { block: null, reason: 'standard convolutions (asked for)' }
          : blockedSupport();
  }

  get sessionCount(): number {
    return this.#sessions.size;
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
    value.live++;
    if (value.tensor === null) this.#pending.add(value);
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
    this.#release(entry);
    value.live++;
    if (value.tensor === null) this.#pending.add(value);
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
    this.#release(entry);
    if (entry.complex !== null) {
      this.disposeData(entry.complex.real.dataId);
      this.disposeData(entry.complex.imag.dataId);
    }
    this.#entries.delete(dataId);
    return true;
  }

  #release(entry: Entry): void {
    const { value } = entry;
    if (value === null || --value.live > 0) return;
    this.#pending.delete(value);
    if (value.tensor?.location === 'gpu-buffer') value.tensor.dispose();
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

  /** Makes sure that a value is known, running everything that is pending if it is not. */
  materialise(value: Value): DeviceTensor {
    if (value.tensor === null) {
      if (this.#tracing)
        throw new CoreError('engine/capture', 'A step that is being traced may not read values: return them instead.');
      // A value that no tensor holds any more (a view, say) is not in the pending set by itself.
      const held = this.#pending.has(value);
      this.#pending.add(value);
      try {
        this.flush();
      } finally {
        if (!held) this.#pending.delete(value);
      }
    }
    if (value.tensor === null)
      throw new CoreError('engine/internal', 'A flush left a value unknown. Please report this.');
    return value.tensor;
  }

  /** Runs the graph up to every living value. If compiling or running throws, everything is as before the call. */
  flush(): void {
    const outputs = [...this.#pending];
    if (outputs.length === 0) return;
    const subgraph = gather(outputs);
    const compiled = this.#compiled(subgraph, outputs);
    const feeds: Record<string, DeviceTensor> = {};
    subgraph.leaves.forEach((value, i) => {
      if (value.tensor === null)
        throw new CoreError('engine/capture', 'A placeholder of a traced step was used outside it.');
      feeds[`i${i}`] = value.tensor;
    });
    const results = compiled.session.run(feeds);
    outputs.forEach((value, i) => {
      value.tensor = results[`o${i}`] ?? null;
      value.node = null;
    });
    this.#pending.clear();
    this.#flushedNodes = nodesCreated();
  }

  /** Called before each kernel: flushes a graph that has become long. */
  flushIfLong(): void {
    if (!this.#tracing && nodesCreated() - this.#flushedNodes > flushAt) {
      this.flush();
      this.#flushedNodes = nodesCreated();
    }
  }

  /** Runs `body` with reads forbidden and automatic flushing off, after everything pending has been computed. */
  trace<T>(body: () => T): T {
    if (this.#tracing) throw new CoreError('engine/capture', 'A step cannot be traced inside another.');
    this.flush();
    this.#tracing = true;
    try {
      return body();
    } finally {
      this.#tracing = false;
    }
  }

  /** Rewrites what a traced step computes for this device's fastest convolutions. */
  lower(outputs: readonly Value[]): readonly Value[] {
    const { block } = this.convolutions;
    return block === null ? outputs : new Lowering(block).run(outputs);
  }

  #compiled(subgraph: Subgraph, outputs: readonly Value[]): CachedSession {
    const key = cacheKey(subgraph, outputs);
    const cached = this.#sessions.get(key);
    if (cached !== undefined) return cached;
    const inputs = new Map(subgraph.leaves.map((value, i) => [value, `i${i}`]));
    const named = outputs.map((value, i) => [`o${i}`, value] as const);
    const model = buildModel({ subgraph, inputs, outputs: named });
    const names = named.map(([name]) => name);
    const entry = { session: new Session(model, names, this.settings), inputs: [...inputs.values()], outputs: names };
    this.#sessions.set(key, entry);
    return entry;
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
    this.#sessions.clear();
    this.#pending.clear();
    this.#entries.clear();
  }
}

/** Two subgraphs with the same key compile to the same model: signatures, wiring, shapes of what comes in and goes out. */
function cacheKey({ nodes, leaves, constants }: Subgraph, outputs: readonly Value[]): string {
  const index = new Map<Value, number>();
  let key = '';
  for (const value of leaves) {
    index.set(value, index.size);
    key += `${value.type}[${value.shape.join()}]`;
  }
  for (const value of constants) {
    index.set(value, index.size);
    key += `${value.constant?.key};`;
  }
  for (const node of nodes) {
    key += `|${node.signature}`;
    for (const value of node.inputs) key += `,${index.get(value)}`;
    for (const value of node.outputs) index.set(value, index.size);
  }
  key += '>';
  for (const value of outputs) key += `${index.get(value)}:${value.shape.join()},`;
  return key;
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
