/**
 * Blocked values whose node is not made yet, because what follows may become part of it: the runtime's blocked convolutions add a bias
 * and another array and end in a ReLU in the same pass. A scale and a shift for each channel are such a convolution too, depthwise and
 * of one tap: broadcasting over blocks, the ordinary operators work on as few numbers at a time as a block has.
 */
import type { Attributes, Node, Value } from '../graph.ts';
import { emit, filled, sameShape } from '../graph.ts';
import { imageSize, reshape, sizeOfBlocked, convolve } from './layout.ts';
import type { Order } from './layout.ts';
import type { Lowering } from './lower.ts';

/** What a convolution node does beside its products. */
export interface Extras {
  /** [channels] */
  readonly bias: Value | null;
  /** Blocked, of the result's shape. */
  readonly sum: Value | null;
  readonly relu: boolean;
}

export const noExtras: Extras = { bias: null, sum: null, relu: false };

export interface Pending {
  readonly order: Order;
  readonly extras: Extras;
  /** Whether another array can be added; a bias and a ReLU always can. */
  readonly takesSum: boolean;
  /** Makes the node; the result is blocked. */
  readonly make: (extras: Extras) => Value;
}

/** The operands and attributes that extras add to a convolution node. */
export function withExtras({ bias, sum, relu }: Extras, channels: number): { inputs: Value[]; attributes: Attributes } {
  const inputs = bias === null && sum === null ? [] : [bias ?? filled(channels, 0)];
  if (sum !== null) inputs.push(sum);
  return { inputs, attributes: relu ? { activation: 'Relu' } : {} };
}

/** Makes an element-wise node part of a pending operand, or pending itself, if it is of that kind; returns whether it did. */
export function lowerAffine(lowering: Lowering, node: Node): boolean {
  const [output] = node.outputs;
  const [a, b] = node.inputs;
  if (output?.shape.length !== 4 || output.type !== 'float32' || a === undefined) return false;
  if (node.operator === 'Relu') return absorbRelu(lowering, a, output);
  if (b === undefined || node.inputs.length !== 2) return false;
  switch (node.operator) {
    case 'Add':
      return (
        absorbBias(lowering, a, b, output, false) ||
        absorbBias(lowering, b, a, output, false) ||
        absorbSum(lowering, a, b, output) ||
        absorbSum(lowering, b, a, output) ||
        scaled(lowering, a, null, b, output) ||
        scaled(lowering, b, null, a, output)
      );
    case 'Sub':
      return absorbBias(lowering, a, b, output, true) || scaled(lowering, a, null, b, output, true);
    case 'Mul':
      return scaled(lowering, a, b, null, output) || scaled(lowering, b, a, null, output);
    default:
      return false;
  }
}

function absorbRelu(lowering: Lowering, x: Value, output: Value): boolean {
  const pending = lowering.takePending(x);
  if (pending === null) return false;
  lowering.setPending(output, { ...pending, extras: { ...pending.extras, relu: true } });
  return true;
}

/** x + bias, or x - bias. */
function absorbBias(lowering: Lowering, x: Value, bias: Value, output: Value, negative: boolean): boolean {
  const order = lowering.orderOf(x);
  if (order === undefined || !sameShape(x.shape, output.shape) || !isPerChannel(bias, output.shape, order))
    return false;
  const pending = lowering.takePending(x, ({ extras }) => extras.bias === null && !extras.relu);
  if (pending === null) return false;
  const extras = { ...pending.extras, bias: vector(lowering.plain(bias), negative) };
  lowering.setPending(output, { ...pending, extras });
  return true;
}

function absorbSum(lowering: Lowering, x: Value, other: Value, output: Value): boolean {
  const order = lowering.orderOf(x);
  if (order === undefined || x === other || !sameShape(x.shape, output.shape)) return false;
  if (!sameShape(other.shape, output.shape) || lowering.orderOf(other) !== order) return false;
  const pending = lowering.takePending(x, ({ extras, takesSum }) => takesSum && extras.sum === null && !extras.relu);
  if (pending === null) return false;
  lowering.setPending(output, { ...pending, extras: { ...pending.extras, sum: lowering.blocked(other, order) } });
  return true;
}

/** x times `scale` plus or minus `shift`, each for a channel: pending, so that a shift, another array or a ReLU may follow. */
function scaled(
  lowering: Lowering,
  x: Value,
  scale: Value | null,
  shift: Value | null,
  output: Value,
  negative = false,
): boolean {
  const order = lowering.orderOf(x);
  if (order === undefined || !sameShape(x.shape, output.shape)) return false;
  if (![scale, shift].every((value) => value === null || isPerChannel(value, output.shape, order))) return false;
  const { channels } = imageSize(output.shape, order);
  const source = lowering.blocked(x, order);
  const factor = scale === null ? filled(channels, 1) : vector(lowering.plain(scale), false);
  const bias = shift === null ? null : vector(lowering.plain(shift), negative);
  lowering.setPending(output, {
    order,
    extras: { ...noExtras, bias },
    takesSum: true,
    make: (extras) => affine(source, factor, extras),
  });
  return true;
}

/** A blocked array times [channels], with extras, as a depthwise convolution of one tap. */
function affine(x: Value, scale: Value, extras: Extras): Value {
  const size = sizeOfBlocked(x);
  const { inputs, attributes } = withExtras(extras, size.channels);
  const geometry = { strides: [1, 1], dilations: [1, 1], pads: [0, 0, 0, 0], kernel_shape: [1, 1] };
  const filter = reshape(scale, [size.channels, 1, 1, 1]);
  return convolve(x, filter, size, { ...geometry, group: size.channels, ...attributes }, inputs);
}

function vector(value: Value, negative: boolean): Value {
  const flat = reshape(value, [-1]);
  return negative ? emit('Neg', [flat], flat.shape) : flat;
}

/** Broadcast along everything but the channels. */
export function isPerChannel(value: Value, shape: readonly number[], order: Order): boolean {
  const { channels } = imageSize(shape, order);
  const axis = order === 'NHWC' ? 3 : 1;
  const padded = [...Array<number>(Math.max(4 - value.shape.length, 0)).fill(1), ...value.shape];
  return channels > 1 && padded.length === 4 && padded.every((side, i) => side === (i === axis ? channels : 1));
}
