/**
 * The gradient of a convolution with respect to its filter on blocked values. Two forms, chosen by shape alone, so that a machine
 * gives the same bits in every run:
 *
 * - gathered: a matrix product [taps x in, batch x positions] x [batch x positions, out], as a 1x1 convolution whose channels are all
 *   (image, position) pairs, in blocks of b images. What each tap meets is gathered in whole tiles of b images by b channels.
 * - direct: a convolution in which the batch takes the place of the channels and dy that of the filter. Its result has only as many
 *   positions as the filter has taps, too few for the runtime's kernels to run at full speed.
 */
import type { Value } from '../graph.ts';
import { emit, integers, scalar, sizeOf } from '../graph.ts';
import type { Spatial } from './convolution.ts';
import type { ImageSize } from './layout.ts';
import {
  blockedShape,
  convolve,
  imageSize,
  mostPicked,
  pick,
  reshape,
  sizeOfBlocked,
  transpose,
  turned,
} from './layout.ts';

/** Below this many output channels, gathering takes longer than the product gains. */
const leastOutputs = 32;
/** Most elements that may be gathered: 128 MiB. */
const mostGathered = 2 ** 25;

/** What both forms need: images in rows of b, and dy as a filter. */
interface Operands {
  /** [batch/b, image blocks, positions, channels of a block, b(batch)], where images of unblocked channels are one block. */
  readonly rows: Value;
  /** Of the images: [image blocks, height, width, channels of a block]. */
  readonly image: readonly [blocks: number, height: number, width: number, channels: number];
  /** [out/b, batch/b, height, width, b(batch), b(out)] */
  readonly weights: Value;
  readonly dy: ImageSize;
}

/** Images, blocked or plain NHWC. */
export interface Images {
  readonly value: Value;
  readonly blocked: boolean;
}

/**
 * Plain HWIO. `dy` is blocked; both are of any batch (filled up with zeros to whole blocks). `spatial` is the forward
 * convolution's; its end pads align x with the filter rows.
 */
export function filterGradient(
  x: Images,
  dy: Value,
  kernel: readonly [number, number],
  spatial: Spatial,
  block: number,
): Value {
  const operands = prepare({ ...x, value: filledUp(x.value, block) }, filledUp(dy, block), block);
  const [blocks, , , channels] = operands.image;
  const { batch, channels: outputs, height, width } = operands.dy;
  const gathered = batch * height * width * kernel[0] * kernel[1] * blocks * channels;
  const form = outputs >= leastOutputs && gathered <= mostGathered ? gatheredForm : directForm;
  const gradient = form(operands, kernel, spatial, block); // [out/b, h, w, in, b] or [in, out/b, h, w, b]
  return reshape(gradient, [kernel[0], kernel[1], blocks * channels, outputs]);
}

/** The batch as a multiple of the block, with images of zeros, which add nothing. */
function filledUp(image: Value, block: number): Value {
  const [batch = 0, ...rest] = image.shape;
  const missing = (block - (batch % block)) % block;
  if (missing === 0) return image;
  const none = rest.map(() => 0);
  return emit('Pad', [image, integers([0, ...none, missing, ...none]), scalar(0)], [batch + missing, ...rest]);
}

function prepare(x: Images, dy: Value, block: number): Operands {
  const size = sizeOfBlocked(dy);
  const groups = size.batch / block;
  const { height: rowsOfX, width: columnsOfX, channels: all } = imageSize(x.value.shape, x.blocked ? 'NCHW' : 'NHWC');
  const image: Operands['image'] = x.blocked
    ? [all / block, rowsOfX, columnsOfX, block]
    : [1, rowsOfX, columnsOfX, all];
  const [blocks, height, width, channels] = image;
  const rows = reshape(turned(reshape(x.value, [groups, block, sizeOf(image)])), [
    groups,
    blocks,
    height * width,
    channels,
    block,
  ]);
  return { rows, image, weights: asFilter(dy, block), dy: size };
}

/** A blocked dy as [out/b, batch/b, height, width, b(batch), b(out)]: by rows of b numbers, for which picking uses all threads. */
function asFilter(dy: Value, block: number): Value {
  const { batch, channels, height, width } = sizeOfBlocked(dy);
  const [groups, blocks, positions] = [batch / block, channels / block, height * width];
  if (batch * blocks * positions > mostPicked) {
    const split = reshape(dy, [groups, block, blocks, height, width, block]);
    return transpose(split, [2, 0, 3, 4, 1, 5]);
  }
  const rows: number[] = [];
  for (let outputs = 0; outputs < blocks; outputs++)
    for (let group = 0; group < groups; group++)
      for (let position = 0; position < positions; position++)
        for (let image = group * block; image < (group + 1) * block; image++)
          rows.push((image * blocks + outputs) * positions + position);
  const picked = pick(reshape(dy, [-1, block]), 0, rows);
  return reshape(picked, [blocks, groups, height, width, block, block]);
}

function gatheredForm(
  { rows, image, weights, dy }: Operands,
  kernel: readonly [number, number],
  spatial: Spatial,
  block: number,
): Value {
  const [blocks, , , channels] = image;
  const [groups = 0] = rows.shape;
  const tile = channels * block;
  const { places, padded } = placesOf(image, dy, kernel, spatial);
  const tiles = reshape(rows, [groups, -1, tile]);
  // One tile of zeros, for what lies in the padding.
  const zeros = emit('Expand', [scalar(0), integers([groups, 1, tile])], [groups, 1, tile]);
  const source = padded
    ? emit('Concat', [tiles, zeros], [groups, (tiles.shape[1] as number) + 1, tile], { attributes: { axis: 1 } })
    : tiles;
  const taps = kernel[0] * kernel[1];
  const pairs = dy.batch * dy.height * dy.width;
  // Threads share rows, and short rows are slow: few channels go several taps to a row.
  const rowsOfTaps = blocks * channels < block ? kernel[0] : taps;
  const width = (taps / rowsOfTaps) * blocks * channels;
  const input = reshape(pick(source, 1, places), [1, pairs, rowsOfTaps, width]);
  const result: ImageSize = { batch: 1, channels: dy.channels, height: rowsOfTaps, width };
  const attributes = { strides: [1, 1], dilations: [1, 1], pads: [0, 0, 0, 0], kernel_shape: [1, 1], group: 1 };
  const gradient = convolve(input, reshape(weights, [dy.channels, pairs, 1, 1]), result, attributes);
  // [out/b, taps in, b] -> [taps in, out/b, b]
  return transpose(reshape(gradient, [dy.channels / block, taps * blocks * channels, block]), [1, 0, 2]);
}

/** For each position of dy, each tap and each block of channels: the number of the tile that meets, in the order of `rows`. */
function placesOf(
  [blocks, height, width]: Operands['image'],
  dy: ImageSize,
  kernel: readonly [number, number],
  { strides, dilations, pads }: Spatial,
): { places: number[]; padded: boolean } {
  const places: number[] = [];
  const zeros = blocks * height * width;
  let padded = false;
  for (let y = 0; y < dy.height; y++)
    for (let x = 0; x < dy.width; x++)
      for (let i = 0; i < kernel[0]; i++)
        for (let j = 0; j < kernel[1]; j++) {
          const row = y * strides[0] + i * dilations[0] - pads[0];
          const column = x * strides[1] + j * dilations[1] - pads[1];
          const inside = row >= 0 && row < height && column >= 0 && column < width;
          padded ||= !inside;
          for (let block = 0; block < blocks; block++)
            places.push(inside ? (block * height + row) * width + column : zeros);
        }
  return { places, padded };
}

function directForm(
  { rows, image, weights, dy }: Operands,
  kernel: readonly [number, number],
  spatial: Spatial,
  block: number,
): Value {
  const [blocks, height, width, channels] = image;
  const { batch, channels: outputs } = dy;
  // [channels, batch/b, h, w, b(batch)]: whole rows of b are moved.
  const input = reshape(transpose(rows, [1, 3, 0, 2, 4]), [blocks * channels, batch, height, width]);
  const result: ImageSize = { batch: blocks * channels, channels: outputs, height: kernel[0], width: kernel[1] };
  const attributes = {
    strides: spatial.dilations,
    dilations: spatial.strides,
    pads: spatial.pads,
    kernel_shape: [dy.height, dy.width],
    group: 1,
  };
  const filter = reshape(weights, [outputs, batch, dy.height, dy.width]);
  const gradient = convolve(input, filter, result, attributes);
  // [in, out/b, h, w, b(out)] -> [h, w, in, out/b, b]
  return transpose(reshape(gradient, blockedShape(result, block)), [2, 3, 0, 1, 4]);
}
