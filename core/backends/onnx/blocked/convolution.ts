/**
 * The three convolutions of training on blocked values. Filters come in tfjs's layout HWIO, [height, width, in, out].
 * Forward: as it is. Input gradient of a strided convolution: one dense convolution of stride 1 for each phase of the output grid,
 * interleaved. Filter gradient: a convolution in which the batch takes the place of the input channels.
 */
import type { Value } from '../graph.ts';
import { emit, integers } from '../graph.ts';
import type { ImageSize } from './layout.ts';
import { blockedShape, convolve, declared, domain, reshape, sizeOfBlocked, transpose } from './layout.ts';

/** Geometry of the forward convolution, as its node states it. */
export interface Spatial {
  /** Stride along height and width. */
  readonly strides: readonly [number, number];
  readonly dilations: readonly [number, number];
  /** Top, left, bottom, right. */
  readonly pads: readonly [number, number, number, number];
}

/** HWIO -> [out/b, in/b, h, w, b(in), b(out)], declared [out, in, h, w]; fewer than b input channels stay unblocked. */
export function forwardFilter(filter: Value, block: number): Value {
  const [h = 0, w = 0, inputs = 0, outputs = 0] = filter.shape;
  const arranged =
    inputs < block
      ? transpose(reshape(filter, [h, w, inputs, outputs / block, block]), [3, 2, 0, 1, 4])
      : transpose(reshape(filter, [h, w, inputs / block, block, outputs / block, block]), [4, 2, 0, 1, 3, 5]);
  return reshape(arranged, [outputs, inputs, h, w]);
}

/** `input` blocked, or plain NCHW if it has fewer channels than a block; the result is blocked. */
export function forward(input: Value, filter: Value, result: ImageSize, spatial: Spatial, block: number): Value {
  const [h = 0, w = 0] = filter.shape;
  const x = input.shape.length === 5 ? reshape(input, declared(sizeOfBlocked(input))) : input;
  const attributes = { ...spatial, kernel_shape: [h, w], group: 1 };
  return reshape(convolve(x, forwardFilter(filter, block), result, attributes), blockedShape(result, block));
}

/** One phase of one axis: which filter rows meet the output positions of that phase, and the padding of dy that aligns them. */
interface Phase {
  /** The first filter row, the others follow at distance -stride. */
  readonly start: number;
  readonly taps: number;
  readonly before: number;
  readonly after: number;
}

/**
 * Output position o = stride * m + phase takes dy[i] W[k] with k = o + pad - stride * i. Null where the phases do not line up with
 * plain padding: then the standard operator has to do it.
 */
export function phasesOf(kernel: number, stride: number, pad: number, input: number, output: number): Phase[] | null {
  if (input % stride !== 0 || kernel < stride) return null;
  const positions = input / stride;
  const phases: Phase[] = [];
  for (let phase = 0; phase < stride; phase++) {
    const residue = (phase + pad) % stride;
    const taps = Math.ceil((kernel - residue) / stride);
    const start = residue + (taps - 1) * stride;
    // dy's index for m = 0 at the largest and at the smallest filter row.
    const first = (phase + pad - start) / stride;
    const last = (phase + pad - residue) / stride;
    const before = 0 - first;
    const after = last + positions - output;
    if (before < 0 || after < 0) return null;
    phases.push({ start, taps, before, after });
  }
  return phases;
}

/** Gradient with respect to the input, blocked; also the forward pass of a transposed convolution. */
export function inputGradient(
  dy: Value,
  filter: Value,
  result: ImageSize,
  strides: readonly [number, number],
  rows: readonly Phase[],
  columns: readonly Phase[],
  block: number,
): Value {
  const [h = 0, w = 0, inputs = 0, outputs = 0] = filter.shape;
  const source = reshape(dy, declared(sizeOfBlocked(dy)));
  // dy's channels are the inputs here: [in/b, out/b, h, w, b(out), b(in)].
  const arranged = transpose(
    reshape(filter, [h, w, inputs / block, block, outputs / block, block]),
    [2, 4, 0, 1, 5, 3],
  );
  const part: ImageSize = { ...result, height: result.height / strides[0], width: result.width / strides[1] };
  const phase = (row: Phase, column: Phase): Value => {
    const taps = [inputs / block, outputs / block, row.taps, column.taps, block, block];
    const picked = emit(
      'Slice',
      [
        arranged,
        integers([row.start, column.start]),
        // Just before the first row or column that is taken, below zero counted from the end.
        integers(
          [row.start - row.taps * strides[0], column.start - column.taps * strides[1]].map((end) =>
            end < 0 ? end - 2 ** 20 : end,
          ),
        ),
        integers([2, 3]),
        integers([-strides[0], -strides[1]]),
      ],
      taps,
    );
    const weights = reshape(picked, [inputs, outputs, row.taps, column.taps]);
    const attributes = {
      strides: [1, 1],
      dilations: [1, 1],
      pads: [row.before, column.before, row.after, column.after],
      kernel_shape: [row.taps, column.taps],
      group: 1,
    };
    return reshape(convolve(source, weights, part, attributes), blockedShape(part, block));
  };
  // Columns are interleaved behind the block, rows behind the columns: two plain concatenations.
  const [batch = 0, blocks = 0] = blockedShape(result, block);
  const lines = rows.map((row) => {
    const shape = [batch, blocks, part.height, part.width, block * columns.length];
    const joined = concatenate(
      columns.map((column) => phase(row, column)),
      4,
      shape,
    );
    return reshape(joined, [batch, blocks, part.height, result.width, block]);
  });
  const shape = [batch, blocks, part.height, result.width * rows.length, block];
  return reshape(concatenate(lines, 3, shape), blockedShape(result, block));
}

function concatenate(parts: readonly Value[], axis: number, shape: readonly number[]): Value {
  return parts.length === 1 ? (parts[0] as Value) : emit('Concat', parts, shape, { attributes: { axis } });
}

/**
 * An image batch, blocked or plain NHWC, with batch and channels exchanged: [channels, batch/b, h, w, b(batch)]. A general permutation
 * of six axes is slow in the runtime; reordering rows of b images is what its own ReorderInput does fastest, and what is left moves
 * whole blocks.
 */
function exchanged(image: Value, block: number): Value {
  if (image.shape.length === 4) {
    const [batch = 0, h = 0, w = 0, channels = 0] = image.shape;
    return transpose(reshape(image, [batch / block, block, h, w, channels]), [4, 0, 2, 3, 1]);
  }
  const [batch = 0, blocks = 0, h = 0, w = 0, b = 0] = image.shape;
  const groups = batch / block;
  const rows = reshape(image, [groups, block, blocks * h * w * b, 1]);
  const turned = emit('ReorderInput', [rows], rows.shape, { attributes: { channels_last: 0 }, domain });
  const apart = reshape(turned, [groups, blocks, h * w, b, block]);
  return reshape(transpose(apart, [1, 3, 0, 2, 4]), [blocks * b, groups, h, w, block]);
}

/** Gradient with respect to the filter, plain HWIO. `x` is blocked or plain NHWC, `dy` blocked. `pads` align x with the filter rows. */
export function filterGradient(
  x: Value,
  dy: Value,
  kernel: readonly [number, number],
  spatial: Spatial,
  block: number,
): Value {
  const input = exchanged(x, block);
  const inputs = input.shape[0] as number;
  const { batch, channels: outputs, height, width } = sizeOfBlocked(dy);
  // dy as a filter: [out/b, batch/b, h, w, b(batch), b(out)], declared [out, batch, h, w].
  const split = reshape(dy, [batch / block, block, outputs / block, height, width, block]);
  const weights = reshape(transpose(split, [2, 0, 3, 4, 1, 5]), [outputs, batch, height, width]);
  const result: ImageSize = { batch: inputs, channels: outputs, height: kernel[0], width: kernel[1] };
  const attributes = {
    strides: spatial.dilations,
    dilations: spatial.strides,
    pads: spatial.pads,
    kernel_shape: [height, width],
    group: 1,
  };
  const gradient = convolve(reshape(input, declared(sizeOfBlocked(input))), weights, result, attributes);
  // [in, out/b, h, w, b(out)] -> [h, w, in, out]
  const plain = transpose(reshape(gradient, blockedShape(result, block)), [2, 3, 0, 1, 4]);
  return reshape(plain, [kernel[0], kernel[1], inputs, outputs]);
}
