/**
 * Rebuilds a recorded step with fewer and cheaper nodes before it is compiled: equal nodes become one, views of views one view, and a
 * few patterns that TensorFlow.js's gradients leave behind get forms that the runtime computes in fewer or faster passes.
 */
import { gather } from './compile.ts';
import type { Node, Value } from './graph.ts';
import { emit, emitMany, integers, sameShape, scalar, sizeOf } from './graph.ts';

/** Lifts every positive number that matters above 1, so that clipping gives a mask. */
const steep = 1e30;

/** The counterparts of `outputs`, of the same shapes and types. `inputs` are leaves whose contents change from run to run. */
export function simplify(outputs: readonly Value[], inputs: ReadonlySet<Value>): Value[] {
  const table = new SharedNodes();
  const rebuilt = new Map<Value, Value>();
  const counterpart = (value: Value): Value => {
    let found = rebuilt.get(value);
    if (found === undefined) rebuilt.set(value, (found = inputs.has(value) ? value : asConstant(value)));
    return found;
  };
  for (const node of gather(outputs).nodes) {
    const inputs = node.inputs.map(counterpart);
    const simple = simplified(node, inputs, table);
    const results = simple === null ? table.add(node, inputs) : [simple];
    node.outputs.forEach((value, i) => rebuilt.set(value, results[i] as Value));
  }
  return outputs.map(counterpart);
}

/** Numbers in a step's code are tensors of their own each time: as constants they are the same. */
function asConstant(value: Value): Value {
  const { tensor, shape, type } = value;
  if (tensor?.location !== 'cpu' || shape.length > 0 || type === 'int64') return value;
  return scalar(Number((tensor.data as Float32Array)[0]), type);
}

/** Nodes by what they compute. */
class SharedNodes {
  readonly #results = new Map<string, readonly Value[]>();
  readonly #numbers = new Map<Value, number>();

  /** The outputs of the node on these inputs: of an equal one if there is one already. */
  add(
    node: Pick<Node, 'operator' | 'domain' | 'outputs' | 'attributes' | 'signature'>,
    inputs: readonly Value[],
  ): readonly Value[] {
    const key = `${node.signature}:${inputs.map((value) => this.#numberOf(value)).join()}`;
    let results = this.#results.get(key);
    if (results === undefined) {
      results = emitMany(node.operator, inputs, node.outputs, node.attributes, node.domain);
      this.#results.set(key, results);
    }
    return results;
  }

  #numberOf(value: Value): number {
    let number = this.#numbers.get(value);
    if (number === undefined) {
      number = this.#numbers.size;
      this.#numbers.set(value, number);
    }
    return number;
  }
}

/** A cheaper value than the node's only output, or null. */
function simplified(node: Node, inputs: readonly Value[], table: SharedNodes): Value | null {
  const [output] = node.outputs;
  if (output === undefined || node.outputs.length !== 1 || node.domain !== '') return null;
  switch (node.operator) {
    case 'Reshape':
      return view(inputs[0] as Value, output);
    case 'Transpose':
      return transposition(node, inputs[0] as Value, output);
    case 'Where':
      return leakySlope(inputs, output);
    case 'Clip':
      return mask(inputs, output);
    case 'Add':
    case 'Sub':
    case 'Mul':
    case 'Div':
      return onFlatOperands(node, inputs, output, table);
    case 'Gemm':
      return innerProduct(inputs, output);
    case 'ReduceSum':
      return sumOfAll(inputs, output);
    default:
      return null;
  }
}

function pendingNode(value: Value | undefined, operator: string): Node | null {
  const node = value?.tensor === null ? value.node : null;
  return node?.operator === operator ? node : null;
}

/** The number that a scalar constant holds. */
function numberIn(value: Value | undefined): number | undefined {
  return value?.constant !== null && value?.shape.length === 0 ? Number(value.constant.data[0]) : undefined;
}

function view(input: Value, output: Value): Value | null {
  const origin = pendingNode(input, 'Reshape')?.inputs[0] ?? input;
  if (sameShape(origin.shape, output.shape)) return origin;
  return origin === input ? null : emit('Reshape', [origin, integers(output.shape)], output.shape);
}

function transposition(node: Node, input: Value, output: Value): Value | null {
  const inner = pendingNode(input, 'Transpose');
  const perm = node.attributes['perm'] as number[];
  if (inner === null) return perm.every((axis, i) => axis === i) ? input : null;
  const origin = inner.inputs[0] as Value;
  const both = perm.map((axis) => (inner.attributes['perm'] as number[])[axis] as number);
  if (both.every((axis, i) => axis === i)) return origin;
  return emit('Transpose', [origin], output.shape, { attributes: { perm: both } });
}

/** dy where x > 0, else alpha dy (tfjs's gradient of leaky ReLU) as dy times a clipped multiple of x: choosing is slow. */
function leakySlope([condition, yes, no]: readonly Value[], output: Value): Value | null {
  const greater = pendingNode(condition, 'Greater');
  const scaled = pendingNode(no, 'Mul');
  if (greater === null || scaled === null || yes === undefined || !sameShape(yes.shape, output.shape)) return null;
  const [x, zero] = greater.inputs as [Value, Value];
  const alpha = numberIn(scaled.inputs.find((value) => value !== yes));
  if (numberIn(zero) !== 0 || !scaled.inputs.includes(yes) || alpha === undefined || alpha <= 0 || alpha >= 1)
    return null;
  if (yes.type !== 'float32' || x.type !== 'float32' || !sameShape(x.shape, output.shape)) return null;
  const lifted = emit('Mul', [x, scalar(steep)], x.shape);
  const slope = emit('Clip', [lifted, scalar(alpha), scalar(1)], x.shape);
  return emit('Mul', [yes, slope], output.shape);
}

/** A multiple of x clipped to [0, 1] in one pass. */
function mask([lifted, least, most]: readonly Value[], output: Value): Value | null {
  const product = pendingNode(lifted, 'Mul');
  if (product === null || numberIn(least) !== 0 || numberIn(most) !== 1) return null;
  const [x, factor] = product.inputs as [Value, Value];
  const alpha = numberIn(factor);
  if (alpha === undefined || !sameShape(x.shape, output.shape) || x.type !== 'float32') return null;
  return emit('HardSigmoid', [x], output.shape, { attributes: { alpha: { float: alpha }, beta: { float: 0 } } });
}

/** The runtime broadcasts a single number over [..., 1] one element at a time. */
function onFlatOperands(node: Node, inputs: readonly Value[], output: Value, table: SharedNodes): Value | null {
  if (output.shape.length < 2 || output.shape.at(-1) !== 1 || sizeOf(output.shape) === 1) return null;
  if (!inputs.every(({ shape }) => sameShape(shape, output.shape) || sizeOf(shape) === 1)) return null;
  const flat = [sizeOf(output.shape)];
  const operands = inputs.map((value) => reshaped(value, sizeOf(value.shape) === 1 ? [] : flat));
  const outputs = [{ ...output, shape: flat }];
  return reshaped(table.add({ ...node, outputs }, operands)[0] as Value, output.shape);
}

/** [1, n] times [n, 1]: the runtime's matrix product takes it on one thread. */
function innerProduct([a, b]: readonly Value[], output: Value): Value | null {
  if (a === undefined || b === undefined || sizeOf(output.shape) !== 1 || a.shape[0] !== 1 || b.shape[1] !== 1)
    return null;
  const flat = [sizeOf(a.shape)];
  const product = emit('Mul', [reshaped(a, flat), reshaped(b, flat)], flat);
  return reshaped(emit('ReduceSum', [product, integers([0])], [1], { attributes: { keepdims: 1 } }), output.shape);
}

/** Sums over all axes but a last one of length 1: as one run of numbers. */
function sumOfAll([x, axes]: readonly Value[], output: Value): Value | null {
  const data = axes?.constant?.data;
  if (x === undefined || !(data instanceof BigInt64Array) || x.shape.at(-1) !== 1 || x.shape.length < 2) return null;
  if (data.length !== x.shape.length - 1 || data.includes(BigInt(x.shape.length - 1))) return null;
  const flat = reshaped(x, [sizeOf(x.shape)]);
  return reshaped(emit('ReduceSum', [flat, integers([0])], [1], { attributes: { keepdims: 1 } }), output.shape);
}

function reshaped(value: Value, shape: readonly number[]): Value {
  if (value.constant !== null && sameShape(value.shape, shape)) return value;
  return view(value, { ...value, shape }) ?? emit('Reshape', [value, integers(shape)], shape);
}
