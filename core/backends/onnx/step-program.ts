/**
 * Capture and replay: a training step is traced once into one native graph (forward, gradients, optimiser) whose inputs are the feeds
 * and the variables and whose outputs are the variables' new values and what the step returns. Replaying it takes no tfjs at all.
 */
import * as tf from '@tensorflow/tfjs';
import { CoreError } from '../../errors.ts';
import type { Feeds, StepProgram, StepRequest } from '../types.ts';
import { OnnxBackend, placeholder } from './backend.ts';
import { buildModel, gather } from './compile.ts';
import { leaf, sameShape, sizeOf } from './graph.ts';
import type { Value } from './graph.ts';
import { hostTensor, Session } from './session.ts';
import type { DeviceTensor } from './session.ts';

interface Captured {
  /** Feed names and their placeholders, those only that the graph reads. */
  readonly feeds: ReadonlyMap<string, Value>;
  /** Variables that the graph reads, by input name. */
  readonly read: readonly (readonly [input: string, variable: tf.Variable])[];
  /** Variables that the step assigns, by output name. */
  readonly assigned: readonly (readonly [output: string, variable: tf.Variable])[];
  readonly results: readonly (readonly [output: string, name: string])[];
  readonly session: Session;
}

/** The active tfjs backend, which has to be one of ours. */
export function activeBackend(): OnnxBackend {
  const backend = tf.backend();
  if (backend instanceof OnnxBackend) return backend;
  throw new CoreError('engine/backend', `The active backend is ${tf.getBackend()}, not an ONNX device.`);
}

/** Traces a step on the active ONNX backend. Throws a CoreError if the step reads values while it is traced. */
export function compileStep(request: StepRequest): StepProgram {
  const backend = activeBackend();
  const captured = capture(backend, request);
  return {
    run: (feeds) => Promise.resolve(replay(backend, captured, feeds)),
    dispose: () => {
      captured.session.dispose();
    },
  };
}

function capture(backend: OnnxBackend, request: StepRequest): Captured {
  const { variables } = request;
  const before = settledValues(backend, variables);
  const placeholders = new Map<Value, string>();
  const outputs: (readonly [name: string, value: Value])[] = [];
  const assigned: (readonly [string, tf.Variable])[] = [];
  const results: (readonly [string, string])[] = [];
  const inputs = new Map<Value, string>();
  let model = new Uint8Array();
  const build = (): void => {
    const fed = Object.entries(request.feeds).map(([name, { shape, dtype }]) => {
      const value = placeholder(shape, dtype);
      placeholders.set(value, name);
      return [name, tensorOf(backend, value, dtype)] as const;
    });
    const returned = request.step(Object.fromEntries(fed));
    variables.forEach((variable, i) => {
      const value = backend.graphValue(variable);
      if (value === before[i]) return;
      outputs.push([`a${i}`, value]);
      assigned.push([`a${i}`, variable]);
    });
    Object.entries(returned).forEach(([name, tensor], i) => {
      outputs.push([`r${i}`, backend.graphValue(tensor)]);
      results.push([`r${i}`, name]);
    });
    const lowered = backend.lower(
      outputs.map(([, value]) => value),
      new Set(before),
    );
    const named = outputs.map(([name], i) => [name, lowered[i] as Value] as const);
    const subgraph = gather(lowered);
    // Told apart by identity: what is neither a feed nor a variable's own contents is a constant of the step.
    for (const value of subgraph.leaves) {
      const variable = before.indexOf(value);
      const feed = placeholders.get(value);
      if (feed !== undefined) inputs.set(value, `f_${feed}`);
      else if (variable >= 0) inputs.set(value, `v${variable}`);
    }
    model = buildModel({ subgraph, inputs, outputs: named }) as Uint8Array<ArrayBuffer>;
  };
  try {
    backend.trace(() => {
      tf.tidy(build);
    });
  } finally {
    // The trace put symbols behind the variables: they get their contents back, each under a DataId of its own.
    variables.forEach((variable, i) => {
      const value = before[i] as Value;
      if (backend.storedValue(variable.dataId) !== value) settle(backend, variable, value);
    });
  }
  const used = new Set(inputs.values());
  return {
    feeds: new Map([...placeholders].flatMap(([value, name]) => (used.has(`f_${name}`) ? [[name, value]] : []))),
    read: variables.flatMap((variable, i) => (used.has(`v${i}`) ? [[`v${i}`, variable] as const] : [])),
    assigned,
    results,
    session: new Session(
      model,
      outputs.map(([name]) => name),
      backend.settings,
      // Variables stay where they are computed; only the provider with memory of its own needs telling.
      backend.settings.provider === 'webgpu' ? assigned.map(([name]) => name) : [],
    ),
  };
}

/**
 * Each variable's contents, computed if they are pending, in the variable's own shape, and as a value of its own: variables made from
 * one another share theirs, and could not be told apart in the trace.
 */
function settledValues(backend: OnnxBackend, variables: readonly tf.Variable[]): Value[] {
  const seen = new Set<Value>();
  return variables.map((variable) => {
    const stored = backend.storedValue(variable.dataId);
    const tensor = backend.materialise(stored);
    let value = stored;
    if (seen.has(stored) || !sameShape(stored.shape, variable.shape)) {
      value = leaf(variable.shape, stored.type, tensor.reshape(variable.shape));
      settle(backend, variable, value);
    }
    seen.add(value);
    return value;
  });
}

/** A tensor that holds a graph value. */
export function tensorOf(backend: OnnxBackend, value: Value, dtype: tf.DataType): tf.Tensor {
  const dataId = backend.hold(value, dtype);
  return tf.engine().makeTensorFromTensorInfo({ dataId, shape: [...value.shape], dtype }, backend);
}

/** Puts a value behind a variable under a DataId that nobody else holds. */
function settle(backend: OnnxBackend, variable: tf.Variable, value: Value): void {
  const tensor = tensorOf(backend, value, variable.dtype);
  variable.assign(tensor);
  tensor.dispose();
}

function replay(backend: OnnxBackend, captured: Captured, feeds: Feeds): Record<string, Float32Array> {
  // What is pending may still need the contents that this run replaces.
  backend.flush();
  const inputs: Record<string, DeviceTensor> = {};
  for (const [name, value] of captured.feeds) inputs[`f_${name}`] = feedTensor(name, value, feeds[name]);
  for (const [name, variable] of captured.read)
    inputs[name] = backend.materialise(backend.storedValue(variable.dataId));
  const outputs = captured.session.run(inputs);
  for (const [name, variable] of captured.assigned) assign(backend, variable, outputs[name] as DeviceTensor);
  return Object.fromEntries(
    captured.results.map(([output, name]) => [name, Float32Array.from(outputs[output]?.data as Float32Array)]),
  );
}

function feedTensor(name: string, { shape, type }: Value, data: Float32Array | Int32Array | undefined): DeviceTensor {
  if (data?.length !== sizeOf(shape))
    throw new CoreError(
      'engine/feed',
      `Feed ${name} has ${data?.length ?? 'no'} values where the step wants ${sizeOf(shape)}.`,
    );
  return hostTensor(type, data, shape);
}

/** Puts a run's result behind a variable; in place where no other tensor shares its DataId. */
function assign(backend: OnnxBackend, variable: tf.Variable, tensor: DeviceTensor): void {
  const value = leaf(variable.shape, variable.dtype === 'int32' ? 'int32' : 'float32', tensor);
  if (backend.refCount(variable.dataId) === 1) backend.replaceValue(variable.dataId, value);
  else settle(backend, variable, value);
}
