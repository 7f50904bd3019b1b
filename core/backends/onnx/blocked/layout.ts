/**
 * The blocked layout of ONNX Runtime's CPU convolutions (NCHWc): channels in blocks of b that lie innermost. The runtime chooses these
 * kernels by itself only when weights are constants; a graph may also contain the nodes, in the domain `com.microsoft.nchwc`.
 *
 * A blocked value is declared [batch, channels, height, width], as the convolution nodes want it, on memory of [batch, channels / b,
 * height, width, b]: element-wise operators need not know. Reductions and broadcasts work on the same memory declared with five
 * dimensions ({@link opened}).
 */
import type { Attributes, Value } from '../graph.ts';
import { emit, indices, integers, sameShape, sizeOf } from '../graph.ts';

export const domain = 'com.microsoft.nchwc';

/** Where the channels are in the plain value that a blocked one stands for. */
export type Order = 'NHWC' | 'NCHW';

export interface ImageSize {
  readonly batch: number;
  readonly channels: number;
  readonly height: number;
  readonly width: number;
}

export function imageSize(shape: readonly number[], order: Order): ImageSize {
  const [batch = 0, a = 0, b = 0, c = 0] = shape;
  return order === 'NHWC' ? { batch, height: a, width: b, channels: c } : { batch, channels: a, height: b, width: c };
}

/** The shape that a blocked value is declared with. */
export function declared({ batch, channels, height, width }: ImageSize): number[] {
  return [batch, channels, height, width];
}

export function blockedShape({ batch, channels, height, width }: ImageSize, block: number): number[] {
  return [batch, channels / block, height, width, block];
}

/** One dimension may be -1. A reshaped value is reshaped from its origin. */
export function reshape(value: Value, shape: readonly number[]): Value {
  const known = shape.reduce((product, side) => (side < 0 ? product : product * side), 1);
  const whole = shape.map((side) => (side < 0 ? sizeOf(value.shape) / known : side));
  if (sameShape(value.shape, whole)) return value;
  const origin = value.node?.operator === 'Reshape' ? (value.node.inputs[0] as Value) : value;
  return sameShape(origin.shape, whole) ? origin : emit('Reshape', [origin, integers(whole)], whole);
}

export function transpose(value: Value, perm: readonly number[]): Value {
  const shape = perm.map((axis) => value.shape[axis] as number);
  return emit('Transpose', [value], shape, { attributes: { perm } });
}

/**
 * [n, b, rest] -> [n, rest, b]: the batch, say, becomes what lies innermost. A general permutation that turns the innermost axis is slow
 * in the runtime; its own ReorderInput is fast.
 */
export function turned(value: Value): Value {
  const [n = 0, b = 0, rest = 0] = value.shape;
  const image = reshape(value, [n, b, rest, 1]);
  return reshape(emit('ReorderInput', [image], image.shape, { attributes: { channels_last: 0 }, domain }), [
    n,
    rest,
    b,
  ]);
}

/** Most rows that are listed one by one in a graph. */
export const mostPicked = 2 ** 16;

/** Entries of an axis by their numbers: whole blocks are copied. */
export function pick(value: Value, axis: number, numbers: readonly number[]): Value {
  const shape = value.shape.map((side, i) => (i === axis ? numbers.length : side));
  return emit('Gather', [value, indices(numbers)], shape, { attributes: { axis } });
}

/** From a plain value of the given order to a blocked one. */
export function toBlocked(plain: Value, order: Order): Value {
  const size = imageSize(plain.shape, order);
  const attributes = { channels_last: order === 'NHWC' ? 1 : 0 };
  return emit('ReorderInput', [plain], declared(size), { attributes, domain });
}

/** From a blocked value to a plain one of the given order. */
export function toPlain(blocked: Value, order: Order): Value {
  const size = sizeOfBlocked(blocked);
  const shape = order === 'NHWC' ? [size.batch, size.height, size.width, size.channels] : declared(size);
  const attributes = { channels: size.channels, channels_last: order === 'NHWC' ? 1 : 0 };
  return emit('ReorderOutput', [blocked], shape, { attributes, domain });
}

export function sizeOfBlocked({ shape }: Value): ImageSize {
  return imageSize(shape, 'NCHW');
}

/** The memory of a blocked value with the dimensions that it has. */
export function opened(blocked: Value, block: number): Value {
  return reshape(blocked, blockedShape(sizeOfBlocked(blocked), block));
}

/** A convolution node; `extras` are bias and sum. */
export function convolve(
  input: Value,
  filter: Value,
  result: ImageSize,
  attributes: Attributes,
  extras: readonly Value[] = [],
): Value {
  return emit('Conv', [input, filter, ...extras], declared(result), { attributes, domain });
}
