/**
 * A transposed convolution of 4x4 taps and stride 2 as a plain one of 2x2 taps: every second row and column of the result is a
 * convolution of its own, and all four together are one with four times the channels, of which one position gives a square of 2x2 pixels.
 * In networks whose weights are constants, ONNX Runtime runs plain convolutions in its blocked layout, and transposed ones not.
 */
import { emit, indices, integers, sameShape } from './graph.ts';
import type { Attributes, Value } from './graph.ts';

/** Channels that the blocked layout handles at once; fewer would be padded, and rows of few numbers take long to interleave. */
const blocked = 16;

/** Whether {@link upsample} computes what a transposed convolution with a filter [in, out, h, w] and these attributes does. */
export function isUpsampling({ shape }: Value, { strides, pads, dilations, group }: Attributes): boolean {
  const is = (value: unknown, expected: readonly number[]): boolean =>
    Array.isArray(value) && sameShape(value as number[], expected);
  const plain = (dilations === undefined || is(dilations, [1, 1])) && (group === undefined || group === 1);
  const [, outputs = 0, height, width] = shape;
  return (
    plain && height === 4 && width === 4 && outputs % blocked === 0 && is(strides, [2, 2]) && is(pads, [1, 1, 1, 1])
  );
}

export interface Upsampling {
  /** [batch, in, h, w] */
  readonly x: Value;
  /** [in, out, 4, 4] */
  readonly filter: Value;
  /** [out]; null for none. */
  readonly shift: Value | null;
  /** An operator of one input, element by element. */
  readonly activation: string | null;
}

/** [batch, 2h, 2w, out]: the channels come last. */
export function upsample({ x, filter, shift, activation }: Upsampling): Value {
  const [batch = 0, , height = 0, width = 0] = x.shape;
  const [, outputs = 0] = filter.shape;
  const [rows, columns] = [height + 1, width + 1];
  const operands = [x, phases(filter), ...(shift === null ? [] : [fourTimes(shift)])];
  const attributes = { kernel_shape: [2, 2], strides: [1, 1], pads: [1, 1, 1, 1] };
  let y = emit('Conv', operands, [batch, 4 * outputs, rows, columns], { attributes });
  if (activation !== null) y = emit(activation, [y], y.shape);
  y = emit('Transpose', [y], [batch, rows, columns, 4 * outputs], { attributes: { perm: [0, 2, 3, 1] } });
  // Of a square's pixels those of a row lie side by side already; its second row goes below.
  y = reshape(y, [batch, rows, columns, 2, 2 * outputs]);
  y = emit('Transpose', [y], [batch, rows, 2, columns, 2 * outputs], { attributes: { perm: [0, 1, 3, 2, 4] } });
  y = reshape(y, [batch, 2 * rows, 2 * columns, outputs]);
  // Squares begin one pixel before the result.
  const inner = [integers([1, 1]), integers([-1, -1]), integers([1, 2])];
  return emit('Slice', [y, ...inner], [batch, 2 * height, 2 * width, outputs]);
}

/**
 * [in, out, 4, 4] -> [4 out, in, 2, 2]. Pixel 2i + p - 1 of the result, p = 0 or 1, is x[i - 1] w[2 + p] + x[i] w[p], along either axis:
 * with k = 2u + p the tap of x[i - 1 + t] is u = 1 - t.
 */
function phases(filter: Value): Value {
  const [inputs = 0, outputs = 0] = filter.shape;
  let w = reshape(filter, [inputs, outputs, 2, 2, 2, 2]);
  for (const axis of [2, 4]) w = emit('Gather', [w, indices([1, 0])], w.shape, { attributes: { axis } });
  w = emit('Transpose', [w], [2, 2, outputs, inputs, 2, 2], { attributes: { perm: [3, 5, 1, 0, 2, 4] } });
  return reshape(w, [4 * outputs, inputs, 2, 2]);
}

/** [out] -> [4 out] */
function fourTimes(shift: Value): Value {
  const [outputs = 0] = shift.shape;
  return reshape(emit('Expand', [shift, integers([4, outputs])], [4, outputs]), [4 * outputs]);
}

function reshape(value: Value, shape: readonly number[]): Value {
  return emit('Reshape', [value, integers(shape)], shape);
}
