/**
 * Convolutions and their input gradients on blocked values; filter-gradient.ts has the third of the kind. Filters come in tfjs's
 * layout HWIO, [height, width, in, out]. Forward: as it is. Input gradient of a strided convolution: one dense convolution of
 * stride 1 for each phase of the output grid, interleaved.
 */
import type { Value } from '../graph.ts';
import { emit, emitMany, integers, sameShape } from '../graph.ts';
import type { ImageSize } from './layout.ts';
import {
  blockedShape,
  convolve,
  declared,
  mostPicked,
  pick,
  reshape,
  sizeOfBlocked,
  transpose,
  turned,
} from './layout.ts';
import { noExtras, withExtras } from './pending.ts';

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
export function forward(
  input: Value,
  filter: Value,
  result: ImageSize,
  spatial: Spatial,
  block: number,
  extras = noExtras,
): Value {
  const [h = 0, w = 0] = filter.shape;
  const more = withExtras(extras, result.channels);
  const attributes = { ...spatial, kernel_shape: [h, w], group: 1, ...more.attributes };
  return convolve(input, forwardFilter(filter, block), result, attributes, more.inputs);
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
  if (kernel < stride) return null;
  const positions = Math.ceil(input / stride);
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

/**
 * Gradient with respect to the input, blocked; also the forward pass of a transposed convolution. It takes no sum. Where the result is no
 * multiple of the strides, rows and columns at its end are computed and cut off.
 */
export function inputGradient(
  dy: Value,
  filter: Value,
  result: ImageSize,
  strides: readonly [number, number],
  rows: readonly Phase[],
  columns: readonly Phase[],
  block: number,
  extras = noExtras,
): Value {
  const [h = 0, w = 0, inputs = 0, outputs = 0] = filter.shape;
  // dy's channels are the inputs here. [h, w, in/b, b(in), out] -> [h w in/b out/b, b(out) b(in)]: tiles of b x b weights.
  const tiles = reshape(turned(reshape(filter, [(h * w * inputs) / block, block, outputs])), [-1, block * block]);
  const more = withExtras(extras, result.channels);
  const part: ImageSize = {
    ...result,
    height: Math.ceil(result.height / strides[0]),
    width: Math.ceil(result.width / strides[1]),
  };
  const pairs = rows.flatMap((row) => columns.map((column) => [row, column] as const));
  const shapes = pairs.map(([row, column]) => [inputs, outputs, row.taps, column.taps]);
  const picks = pairs.map(([row, column]) => tilesOf(filter.shape, strides, row, column, block));
  const filters = shapes.every((shape) => sameShape(shape, shapes[0] ?? []))
    ? splitAlong(pick(tiles, 0, picks.flat()), shapes)
    : shapes.map((shape, i) => reshape(pick(tiles, 0, picks[i] ?? []), shape));
  const phase = (row: Phase, column: Phase, weights: Value): Value => {
    const attributes = {
      strides: [1, 1],
      dilations: [1, 1],
      pads: [row.before, column.before, row.after, column.after],
      kernel_shape: [row.taps, column.taps],
      group: 1,
      ...more.attributes,
    };
    return convolve(dy, weights, part, attributes, more.inputs);
  };
  return interleaved(
    rows.map((row, i) => columns.map((column, j) => phase(row, column, filters[i * columns.length + j] as Value))),
    result,
    block,
  );
}

/** One array cut into equal parts of these shapes: fewer nodes than picking each. */
function splitAlong(all: Value, shapes: readonly (readonly number[])[]): Value[] {
  const [first = 0, ...rest] = shapes[0] ?? [];
  const whole = reshape(all, [first * shapes.length, ...rest]);
  if (shapes.length === 1) return [whole];
  const outputs = shapes.map((shape) => ({ shape, type: all.type }));
  return emitMany('Split', [whole, integers(shapes.map(() => first))], outputs, { axis: 0 });
}

/** The phases of the rows and, within them, of the columns, each of ceil(side / stride), as one blocked image batch. */
function interleaved(phases: readonly (readonly Value[])[], result: ImageSize, block: number): Value {
  const first = phases[0]?.[0] as Value;
  const part = sizeOfBlocked(first);
  const [batch = 0, blocks = 0, height = 0, width = 0] = blockedShape(result, block);
  const columns = phases[0]?.length ?? 0;
  if (batch * blocks * height * width > mostPicked) return concatenated(phases, result, block);
  // All phases in a row, then rows of b numbers by their places: on all threads.
  const all = phases.flat();
  const joined = concatenate(all, 0, [batch * all.length, result.channels, part.height, part.width]);
  const places: number[] = [];
  for (let image = 0; image < batch * blocks; image++)
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++) {
        const phase = (y % phases.length) * columns + (x % columns);
        const row = Math.floor(y / phases.length);
        const place = (phase * batch * blocks + image) * part.height + row;
        places.push(place * part.width + Math.floor(x / columns));
      }
  return reshape(pick(reshape(joined, [-1, block]), 0, places), declared(result));
}

/** Columns are interleaved behind the block, rows behind the columns: two plain concatenations. */
function concatenated(phases: readonly (readonly Value[])[], result: ImageSize, block: number): Value {
  const part = sizeOfBlocked(phases[0]?.[0] as Value);
  const columns = phases[0]?.length ?? 0;
  const [batch = 0, blocks = 0] = blockedShape(result, block);
  const wide = part.width * columns;
  const high = part.height * phases.length;
  const lines = phases.map((line) => {
    const parts = line.map((phase) => reshape(phase, blockedShape(part, block)));
    const joined = concatenate(parts, 4, [batch, blocks, part.height, part.width, block * columns]);
    return reshape(joined, [batch, blocks, part.height, wide, block]);
  });
  const joined = concatenate(lines, 3, [batch, blocks, part.height, wide * phases.length, block]);
  if (high === result.height && wide === result.width) return reshape(joined, declared(result));
  const ends = [integers([0, 0]), integers([result.height, result.width]), integers([2, 3])];
  const cut = emit(
    'Slice',
    [reshape(joined, [batch, blocks, high, wide, block]), ...ends],
    blockedShape(result, block),
  );
  return reshape(cut, declared(result));
}

/** Where the tiles of one phase's filter, [in/b, out/b, taps, taps], lie among those of the whole one, [h, w, in/b, out/b]. */
function tilesOf(
  [, w = 0, inputs = 0, outputs = 0]: readonly number[],
  strides: readonly [number, number],
  row: Phase,
  column: Phase,
  block: number,
): number[] {
  const tiles: number[] = [];
  for (let input = 0; input < inputs / block; input++)
    for (let output = 0; output < outputs / block; output++)
      for (let i = 0; i < row.taps; i++)
        for (let j = 0; j < column.taps; j++) {
          const place = (row.start - i * strides[0]) * w + column.start - j * strides[1];
          tiles.push((place * (inputs / block) + input) * (outputs / block) + output);
        }
  return tiles;
}

function concatenate(parts: readonly Value[], axis: number, shape: readonly number[]): Value {
  return parts.length === 1 ? (parts[0] as Value) : emit('Concat', parts, shape, { attributes: { axis } });
}
