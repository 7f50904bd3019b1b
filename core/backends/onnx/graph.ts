/**
 * The recorded graph: values and the nodes that compute them. Kernels only add nodes here; arithmetic happens when a set of values is
 * compiled into an ONNX model (`compile.ts`) and run. There is no list of nodes: a node lives as long as a value refers to it, so
 * branches that nobody reads are collected as garbage.
 */
import type { DeviceTensor } from './session.ts';

/** Element types that a graph value can have; int64 only for the shape arguments of ONNX operators. */
export type ElementType = 'float32' | 'int32' | 'bool' | 'int64';

export type Attribute =
  number | string | readonly number[] | { readonly float: number } | { readonly floats: readonly number[] };
export type Attributes = Readonly<Record<string, Attribute>>;

/** What a baked constant holds. Two constants with the same key are the same initializer. */
export interface Constant {
  readonly key: string;
  readonly data: Float32Array | Int32Array | Uint8Array | BigInt64Array;
}

export interface Value {
  readonly shape: readonly number[];
  readonly type: ElementType;
  /** The node that computes it, until it is materialised. */
  node: Node | null;
  /** Its values once they are known: on the host or on the device. */
  tensor: DeviceTensor | null;
  /** Part of the graph itself, from a kernel's attributes. */
  readonly constant: Constant | null;
  /** Number of tensors (DataIds) that hold this value; a pending value is materialised by a flush while this is positive. */
  live: number;
}

export interface Node {
  readonly operator: string;
  readonly domain: string;
  readonly inputs: readonly Value[];
  readonly outputs: readonly Value[];
  readonly attributes: Attributes;
  /** Creation order: a topological order of any set of nodes. */
  readonly sequence: number;
  /** Interned number of operator, domain, attributes and output count: equal signatures serialise equally. */
  readonly signature: number;
}

export interface OutputSpec {
  readonly shape: readonly number[];
  readonly type: ElementType;
}

const signatures = new Map<string, number>();
let sequence = 0;

/** Nodes made since the process started; differences of it say how much is pending at most. */
export function nodesCreated(): number {
  return sequence;
}

export function sizeOf(shape: readonly number[]): number {
  let size = 1;
  for (const dimension of shape) size *= dimension;
  return size;
}

export function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((dimension, i) => dimension === b[i]);
}

/** A value whose contents come from outside the graph. */
export function leaf(shape: readonly number[], type: ElementType, tensor: DeviceTensor | null): Value {
  return { shape, type, node: null, tensor, constant: null, live: 0 };
}

/** Adds a node with several outputs. */
export function emitMany(
  operator: string,
  inputs: readonly Value[],
  outputs: readonly OutputSpec[],
  attributes: Attributes = {},
  domain = '',
): Value[] {
  const text = `${domain}:${operator}:${outputs.length}:${JSON.stringify(attributes)}`;
  let signature = signatures.get(text);
  if (signature === undefined) {
    signature = signatures.size;
    signatures.set(text, signature);
  }
  const values: Value[] = outputs.map(({ shape, type }) => ({
    shape,
    type,
    node: null,
    tensor: null,
    constant: null,
    live: 0,
  }));
  const node: Node = { operator, domain, inputs, outputs: values, attributes, sequence: sequence++, signature };
  for (const value of values) value.node = node;
  return values;
}

/** Adds a node with one output of the given shape; its type is the first input's unless said otherwise. */
export function emit(
  operator: string,
  inputs: readonly Value[],
  shape: readonly number[],
  options: { type?: ElementType; attributes?: Attributes; domain?: string } = {},
): Value {
  const type = options.type ?? inputs[0]?.type ?? 'float32';
  const [value] = emitMany(operator, inputs, [{ shape, type }], options.attributes, options.domain);
  return value as Value;
}

/** Chooses element by element; its type is that of what is chosen, not of the condition. */
export function where(condition: Value, yes: Value, no: Value, shape: readonly number[]): Value {
  return emit('Where', [condition, yes, no], shape, { type: yes.type });
}

const constants = new Map<string, Value>();

function constant(key: string, shape: readonly number[], type: ElementType, data: Constant['data']): Value {
  let value = constants.get(key);
  if (value === undefined) {
    value = { shape, type, node: null, tensor: null, constant: { key, data }, live: 0 };
    // Kernels make constants from shapes and attributes: few, but not bounded by anything else.
    if (constants.size > 10_000) constants.clear();
    constants.set(key, value);
  }
  return value;
}

/** A rank-1 int64 constant: axes, shapes, starts. */
export function integers(values: readonly number[]): Value {
  return constant(`l${values.join()}`, [values.length], 'int64', BigInt64Array.from(values, BigInt));
}

/** A rank-1 int32 constant: which entries to take. */
export function indices(values: readonly number[]): Value {
  return constant(`i${values.join()}`, [values.length], 'int32', Int32Array.from(values));
}

/** A rank-1 constant of equal numbers. */
export function filled(length: number, value: number): Value {
  return constant(`f${length}x${value}`, [length], 'float32', new Float32Array(length).fill(value));
}

/** A scalar constant of a tfjs type. */
export function scalar(value: number, type: 'float32' | 'int32' | 'bool' = 'float32'): Value {
  const data =
    type === 'float32' ? Float32Array.of(value) : type === 'int32' ? Int32Array.of(value) : Uint8Array.of(value);
  // -0 and 0 print alike but differ.
  return constant(`${type}${Object.is(value, -0) ? '-0' : value}`, [], type, data);
}
