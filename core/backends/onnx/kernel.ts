/** What a kernel file exports, and how its kernels become tfjs kernels of a backend. */
import * as tf from '@tensorflow/tfjs';
import { CoreError } from '../../errors.ts';
import { OnnxBackend } from './backend.ts';
import type { Value } from './graph.ts';

/** A kernel's view of one call. */
export interface KernelCall<Attributes = tf.NamedAttrMap> {
  /** Tensors as tfjs passes them. */
  readonly inputs: tf.NamedTensorInfoMap;
  readonly attrs: Attributes;
  readonly backend: OnnxBackend;
  /** The graph value of a named input, in its tensor's shape. */
  readonly value: (name: string) => Value;
  /** The values of a variadic input, in order. */
  readonly values: () => Value[];
}

/** A result's value, with the tfjs type where it is not the value's own. */
export type KernelResult = Value | readonly Value[] | tf.TensorInfo | null;

export interface KernelDefinition {
  /** The tfjs kernel's own name. */
  readonly name: string;
  /**
   * Adds nodes and returns the result's value (or several, or a TensorInfo that shares an input's data); null if this case has no
   * ONNX form, in which event the CPU reference computes it and the fallback is counted.
   */
  readonly run: (call: KernelCall) => KernelResult;
}

/** Defines a kernel; `Attributes` types what tfjs passes as attributes. */
export function defineKernel<Attributes = tf.NamedAttrMap>(
  name: string,
  run: (call: KernelCall<Attributes>) => KernelResult,
): KernelDefinition {
  // tfjs hands attributes over untyped; each kernel states the type that tfjs-core's own declarations give.
  return { name, run: run as (call: KernelCall) => KernelResult };
}

export type Fallback = (name: string, call: KernelCall) => tf.TensorInfo | tf.TensorInfo[];

/** Registers kernels under a backend's name; calls that a kernel declines go to `fallback`. */
export function registerKernels(
  backendName: string,
  definitions: readonly KernelDefinition[],
  fallback: Fallback,
): ReadonlySet<string> {
  for (const { name, run } of definitions)
    tf.registerKernel({
      kernelName: name,
      backendName,
      kernelFunc: ({ inputs, attrs, backend }) => {
        if (!(backend instanceof OnnxBackend))
          throw new CoreError('engine/backend', `${name} was called for another backend.`);
        const call = makeCall(inputs, attrs ?? {}, backend);
        call.backend.flushIfLong();
        const computes = tensorsOf(inputs).every(hasArithmetic);
        const result = computes || sharesData.has(name) ? run(call) : null;
        if (result === null) return fallback(name, call);
        return toTensorInfos(result, call.backend);
      },
    });
  return new Set(definitions.map(({ name }) => name));
}

/** Kernels that pass on a DataId whatever the type of its contents. */
const sharesData: ReadonlySet<string> = new Set(['Identity', 'Reshape', 'Complex', 'Real', 'Imag']);

/** The tensors among a kernel's inputs: optional ones are passed as undefined, which tfjs's type does not admit. */
export function tensorsOf(inputs: tf.NamedTensorInfoMap): tf.TensorInfo[] {
  return Object.values(inputs)
    .flat()
    .filter((info) => info !== undefined);
}

function hasArithmetic({ dtype }: tf.TensorInfo): boolean {
  return dtype !== 'complex64' && dtype !== 'string';
}

function makeCall(inputs: tf.NamedTensorInfoMap, attrs: tf.NamedAttrMap, backend: OnnxBackend): KernelCall {
  return {
    inputs,
    attrs,
    backend,
    value: (name) => {
      const info = inputs[name];
      if (info === undefined) throw new Error(`Kernel input ${name} is missing.`);
      return backend.graphValue(info);
    },
    values: () => tensorsOf(inputs).map((info) => backend.graphValue(info)),
  };
}

function toTensorInfos(result: Exclude<KernelResult, null>, backend: OnnxBackend): tf.TensorInfo | tf.TensorInfo[] {
  if (Array.isArray(result)) return (result as readonly Value[]).map((value) => toTensorInfo(value, backend));
  const single = result as Value | tf.TensorInfo;
  return 'dataId' in single ? single : toTensorInfo(single, backend);
}

function toTensorInfo(value: Value, backend: OnnxBackend): tf.TensorInfo {
  const dtype = value.type === 'int64' ? 'int32' : value.type;
  return { dataId: backend.hold(value, dtype), shape: [...value.shape], dtype };
}
