/** Carries the blocked layout through what lies between convolutions. */
import type { Node, Value } from '../graph.ts';
import { emit, emitMany, integers, sameShape, sizeOf } from '../graph.ts';
import type { Order } from './layout.ts';
import { blockedShape, declared, imageSize, opened, reshape } from './layout.ts';
import type { Lowering } from './lower.ts';
import { isPerChannel } from './pending.ts';

/** Operators that work element by element, with broadcasting. */
const elementwise: ReadonlySet<string> = new Set([
  ...['Add', 'Sub', 'Mul', 'Div', 'Sum', 'Max', 'Min', 'Pow', 'Where', 'Cast', 'Clip', 'IsNaN', 'Not', 'And', 'Or'],
  ...['Greater', 'Less', 'GreaterOrEqual', 'LessOrEqual', 'Equal', 'Identity'],
  ...[
    'LeakyRelu',
    'HardSigmoid',
    'Relu',
    'Elu',
    'Selu',
    'Tanh',
    'Sigmoid',
    'Softplus',
    'Exp',
    'Log',
    'Sqrt',
    'Reciprocal',
    'Neg',
    'Abs',
  ],
]);

/**
 * The order in which a node's blocked operands are read, if it is to be computed on blocks: at least one operand of the output's shape
 * is blocked already, and the others can follow.
 */
function commonOrder(lowering: Lowering, node: Node, shape: readonly number[]): Order | null {
  let order: Order | null = null;
  for (const value of node.inputs) {
    const own = lowering.orderOf(value);
    if (own === undefined || !sameShape(value.shape, shape)) continue;
    if (order !== null && order !== own) return null;
    order = own;
  }
  if (order === null) return null;
  const agreed = order;
  const follows = (value: Value): boolean =>
    sizeOf(value.shape) === 1 ||
    (sameShape(value.shape, shape) && (lowering.orderOf(value) !== undefined || lowering.canBlock(value, agreed))) ||
    isPerChannel(value, shape, agreed) ||
    isPerImage(value, shape);
  return node.inputs.every(follows) ? order : null;
}

/** Broadcast along everything but the batch. */
function isPerImage(value: Value, shape: readonly number[]): boolean {
  return value.shape.length === 4 && value.shape[0] === shape[0] && sizeOf(value.shape) === shape[0];
}

export function lowerElementwise(lowering: Lowering, node: Node): boolean {
  const [output] = node.outputs;
  if (!elementwise.has(node.operator) || output?.shape.length !== 4) return false;
  const order = commonOrder(lowering, node, output.shape);
  if (order === null) return false;
  const size = imageSize(output.shape, order);
  const { block } = lowering;
  const broadcasts = node.inputs.some((value) => sizeOf(value.shape) > 1 && !sameShape(value.shape, output.shape));
  const operand = (value: Value): Value => {
    if (sizeOf(value.shape) === 1) return lowering.plain(value);
    if (sameShape(value.shape, output.shape)) {
      const blocked = lowering.blocked(value, order);
      return broadcasts ? opened(blocked, block) : blocked;
    }
    const plain = lowering.plain(value);
    return isPerChannel(value, output.shape, order)
      ? reshape(plain, [1, size.channels / block, 1, 1, block])
      : reshape(plain, [size.batch, 1, 1, 1, 1]);
  };
  const shape = broadcasts ? blockedShape(size, block) : declared(size);
  const { type } = output;
  const result = emit(node.operator, node.inputs.map(operand), shape, { type, attributes: node.attributes });
  lowering.setBlocked(output, reshape(result, declared(size)), order);
  return true;
}

/** The axes of a blocked value that hold one axis of the plain one. */
function blockedAxes(axis: number, order: Order): number[] {
  const name =
    order === 'NHWC' ? ['batch', 'height', 'width', 'channels'][axis] : ['batch', 'channels', 'height', 'width'][axis];
  switch (name) {
    case 'batch':
      return [0];
    case 'channels':
      return [1, 4];
    case 'height':
      return [2];
    default:
      return [3];
  }
}

/** Sums and means whose result keeps whole channels, whole images or one number. */
export function lowerReduction(lowering: Lowering, node: Node): boolean {
  const [x, axesInput] = node.inputs;
  const [output] = node.outputs;
  const form = x && lowering.blockedForm(x);
  if (form === undefined || output === undefined) return false;
  const axes =
    node.operator === 'ReduceSum' ? constantAxes(axesInput) : (node.attributes['axes'] as number[] | undefined);
  if ((node.operator !== 'ReduceSum' && node.operator !== 'ReduceMean') || axes === undefined) return false;
  const reduced = axes.flatMap((axis) => blockedAxes(axis, form.order)).sort((a, b) => a - b);
  const left = [0, 1, 2, 3, 4].filter((axis) => !reduced.includes(axis));
  const keepsChannels = left.includes(1);
  // What is left must read the same in blocked and plain order.
  if (keepsChannels ? left.some((axis) => axis === 2 || axis === 3 || axis === 0) : left.length > 1) return false;
  // Height and width first, then the batch: the runtime reduces neighbouring axes fast and scattered ones slowly.
  const steps = keepsChannels && reduced.includes(0) ? [[2, 3], [0]] : [reduced];
  const result = steps.reduce((value, step) => reduce(node.operator, value, step), opened(form.tensor, lowering.block));
  lowering.setPlain(output, sameShape(result.shape, output.shape) ? result : reshape(result, output.shape));
  return true;
}

function reduce(operator: string, x: Value, axes: readonly number[]): Value {
  const shape = x.shape.filter((_, axis) => !axes.includes(axis));
  return operator === 'ReduceSum'
    ? emit(operator, [x, integers(axes)], shape, { attributes: { keepdims: 0 } })
    : emit(operator, [x], shape, { attributes: { axes, keepdims: 0 } });
}

function constantAxes(value: Value | undefined): number[] | undefined {
  const data = value?.constant?.data;
  return data instanceof BigInt64Array ? Array.from(data, Number) : undefined;
}

/** Taking part of the batch, or joining batches. */
export function lowerSplit(lowering: Lowering, node: Node): boolean {
  const [x] = node.inputs;
  const [output] = node.outputs;
  const form = x && lowering.blockedForm(x);
  if (form === undefined || output?.shape.length !== 4) return false;
  const alongBatch = node.attributes['axis'] === 0;
  if (node.operator === 'Concat' && alongBatch) {
    if (!node.inputs.every((value) => lowering.orderOf(value) === form.order)) return false;
    const parts = node.inputs.map((value) => lowering.blocked(value, form.order));
    const shape = declared(imageSize(output.shape, form.order));
    lowering.setBlocked(output, emit('Concat', parts, shape, { attributes: { axis: 0 } }), form.order);
    return true;
  }
  if (node.operator === 'Split' && alongBatch) {
    const shapes = node.outputs.map((value) => ({
      shape: declared(imageSize(value.shape, form.order)),
      type: value.type,
    }));
    const parts = emitMany('Split', [form.tensor, node.inputs[1] as Value], shapes, { axis: 0 });
    node.outputs.forEach((value, i) => lowering.setBlocked(value, parts[i] as Value, form.order));
    return true;
  }
  if (
    node.operator === 'Slice' &&
    node.inputs.length === 3 &&
    sameShape(output.shape.slice(1), x?.shape.slice(1) ?? [])
  ) {
    const start = constantAxes(node.inputs[1])?.[0];
    if (start === undefined) return false;
    const shape = declared(imageSize(output.shape, form.order));
    const bounds = [integers([start]), integers([start + (output.shape[0] ?? 0)]), integers([0])];
    lowering.setBlocked(output, emit('Slice', [form.tensor, ...bounds], shape), form.order);
    return true;
  }
  return false;
}
