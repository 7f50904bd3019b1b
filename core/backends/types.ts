/** What a device offers to training, scoring and galleries. Everything above this line of the house is device-blind. */
import type * as tf from '@tensorflow/tfjs';

export type DeviceName =
  'onnx-cpu' | 'onnx-webgpu' | 'onnx-cuda' | 'onnx-dml' | 'onnx-coreml' | 'tensorflow' | 'reference';

export interface FeedSpec {
  readonly shape: readonly number[];
  readonly dtype: 'float32' | 'int32';
}

/** The values of one feed, row-major, exactly as long as its shape says. */
export type Feeds = Readonly<Record<string, Float32Array | Int32Array>>;

export interface StepRequest {
  readonly feeds: Readonly<Record<string, FeedSpec>>;
  /** Every variable that `step` assigns or reads. */
  readonly variables: readonly tf.Variable[];
  /**
   * One step, written with tfjs operations: reads feeds and variables, assigns variables, returns what the caller wants to see.
   * It must be a pure function of feeds and variables: a device may trace it once and replay the trace for ever, so no randomness,
   * no data-dependent control flow, no reads of tensor values inside.
   */
  readonly step: (feeds: Readonly<Record<string, tf.Tensor>>) => Record<string, tf.Tensor>;
}

/** A step made ready for a device. Runs one at a time. */
export interface StepProgram {
  /** Runs the step once, updates the variables, resolves to the returned tensors' values (copies). */
  run(feeds: Feeds): Promise<Record<string, Float32Array>>;
  dispose(): void;
}

/** A function of tensors with a free batch dimension (the first of every input and output). */
export interface GraphRequest {
  /** Input shapes without the batch dimension. */
  readonly inputs: Readonly<Record<string, readonly number[]>>;
  /** Variables become constants of the graph. */
  readonly forward: (inputs: Readonly<Record<string, tf.Tensor>>) => Record<string, tf.Tensor>;
}

export interface DeviceInfo {
  readonly name: DeviceName;
  /** One line for people: "AMD EPYC (2 threads), ONNX Runtime 1.30.0, blocked convolutions (16 channels)". */
  readonly description: string;
  /** The adapter's own name where there is one. */
  readonly adapter: string | null;
  /** Why this device: asked for, or what `auto` found. */
  readonly reason: string;
}

export interface Device extends DeviceInfo {
  compileStep(request: StepRequest): StepProgram;
}
