/**
 * Convolutions and their two gradients. tfjs keeps images NHWC and filters HWIO; ONNX has NCHW and OIHW, so each is wrapped in
 * transpositions. The filter's gradient is itself a convolution in which channels and batch change places and strides become dilations.
 */
import * as tf from '@tensorflow/tfjs';
import type { OnnxBackend } from '../backend.ts';
import type { Attributes, Value } from '../graph.ts';
import { emit, integers, sameShape, sizeOf } from '../graph.ts';
import type { KernelDefinition } from '../kernel.ts';
import { defineKernel } from '../kernel.ts';
import { slice, transpose } from './shape.ts';

type Padding = 'valid' | 'same' | number | [[number, number], [number, number], [number, number], [number, number]];

interface ConvolutionAttributes {
  readonly strides: [number, number] | number;
  readonly pad: Padding;
  readonly dataFormat: 'NHWC' | 'NCHW';
  readonly dilations?: [number, number] | number;
  readonly dimRoundingMode?: 'floor' | 'round' | 'ceil';
}

type Geometry = ReturnType<typeof tf.backend_util.computeConv2DInfo>;

const toNCHW = (x: Value): Value => transpose(x, [0, 3, 1, 2]);
const toNHWC = (x: Value): Value => transpose(x, [0, 2, 3, 1]);

function geometry(
  xShape: readonly number[],
  filterShape: readonly number[],
  attrs: ConvolutionAttributes,
  depthwise = false,
): Geometry {
  return tf.backend_util.computeConv2DInfo(
    [...xShape] as [number, number, number, number],
    [...filterShape] as [number, number, number, number],
    attrs.strides,
    attrs.dilations ?? 1,
    attrs.pad,
    attrs.dimRoundingMode,
    depthwise,
    attrs.dataFormat === 'NCHW' ? 'channelsFirst' : 'channelsLast',
  );
}

interface Spatial extends Attributes {
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  /** Top, left, bottom, right. */
  readonly pads: readonly number[];
}

/** Attributes that all three have in common; the end pads follow from the output size, which rounding modes may have changed. */
function spatial({ padInfo, strideHeight, strideWidth, dilationHeight, dilationWidth }: Geometry): Spatial {
  return {
    strides: [strideHeight, strideWidth],
    dilations: [dilationHeight, dilationWidth],
    pads: [padInfo.top, padInfo.left, padInfo.bottom, padInfo.right],
  };
}

/** Forms that this file does not translate: channels first, other types, nothing to compute. */
function isForeign(attrs: ConvolutionAttributes, ...values: readonly Value[]): boolean {
  return attrs.dataFormat === 'NCHW' || values.some(({ type, shape }) => type !== 'float32' || sizeOf(shape) === 0);
}

/** Padding so that `positions` output rows of stride `stride` are computed exactly; negative where input rows are left over. */
function endPad(input: number, begin: number, positions: number, stride: number, extent: number): number {
  return (positions - 1) * stride + extent - input - begin;
}

/** ONNX's Conv of x [batch, in, h, w] and filter [out, in, h, w]. */
function convolve(
  backend: OnnxBackend,
  [x, filter]: readonly [Value, Value],
  shape: readonly number[],
  attributes: Spatial,
): Value {
  if (backend.settings.provider !== 'webgpu') return emit('Conv', [x, filter], shape, { attributes });
  const channels = x.shape[1] as number;
  const [top = 0, left = 0, bottom = 0, right = 0] = attributes.pads;
  // ONNX Runtime 1.30's WebGPU shaders sum wrongly for input channels above 3 that are a multiple of 3 but not of 4, beside output
  // channels that are a multiple of 4 (onnxruntime issue 29651): channels of zeros are appended.
  const wrongSums = channels > 3 && channels % 3 === 0 && channels % 4 !== 0 && (filter.shape[0] as number) % 4 === 0;
  const inputs = wrongSums ? [appendChannels(x), appendChannels(filter)] : [x, filter];
  // A filter as large as the picture is taken for a matrix product there, which forgets padding at the end alone: one more row and
  // column are computed at the beginning and cut off. (A Pad before it would be merged into the convolution.)
  const wholePicture = x.shape[2] === filter.shape[2] && x.shape[3] === filter.shape[3];
  if (!wholePicture || top > 0 || left > 0 || (bottom === 0 && right === 0))
    return emit('Conv', inputs, shape, { attributes });
  const [rows = 1, columns = 1] = attributes.strides;
  const [batch = 0, out = 0, height = 0, width = 0] = shape;
  const larger = emit('Conv', inputs, [batch, out, height + 1, width + 1], {
    attributes: { ...attributes, pads: [rows, columns, bottom, right] },
  });
  return slice(larger, [0, 0, 1, 1], shape);
}

/** Channels of zeros up to a multiple of 4. */
function appendChannels(x: Value): Value {
  const [outer = 0, channels = 0, ...rest] = x.shape;
  const extra = 4 - (channels % 4);
  return emit('Pad', [x, integers([0, 0, 0, 0, 0, extra, 0, 0])], [outer, channels + extra, ...rest]);
}

/** Gradient with respect to the filter, [height, width, in, out]. */
function filterGradient(backend: OnnxBackend, x: Value, dy: Value, info: Geometry): Value {
  const { strides, dilations, pads } = spatial(info);
  const [dilationHeight = 1, dilationWidth = 1] = dilations;
  const [, inHeight = 0, inWidth = 0] = x.shape;
  // In this convolution dy is the filter: its rows lie a stride apart, and its output has one row for each row of the filter.
  const rowExtent = (info.outHeight - 1) * info.strideHeight + 1;
  const columnExtent = (info.outWidth - 1) * info.strideWidth + 1;
  const bottom = endPad(inHeight, pads[0] as number, info.filterHeight, dilationHeight, rowExtent);
  const right = endPad(inWidth, pads[1] as number, info.filterWidth, dilationWidth, columnExtent);
  const kept = [
    x.shape[0] as number,
    inHeight + Math.min(bottom, 0),
    inWidth + Math.min(right, 0),
    x.shape[3] as number,
  ];
  const used = bottom < 0 || right < 0 ? slice(x, [0, 0, 0, 0], kept) : x;
  const shape = [info.inChannels, info.outChannels, info.filterHeight, info.filterWidth];
  const gradient = convolve(backend, [transpose(used, [3, 0, 1, 2]), transpose(dy, [3, 0, 1, 2])], shape, {
    strides: dilations,
    dilations: strides,
    pads: [pads[0] as number, pads[1] as number, Math.max(bottom, 0), Math.max(right, 0)],
  });
  return transpose(gradient, [2, 3, 0, 1]);
}

/** Gradient with respect to the input, or the forward pass of a transposed convolution; null if ONNX has no such output size. */
function inputGradient(dy: Value, filter: Value, info: Geometry): Value | null {
  const { strides, dilations, pads } = spatial(info);
  const size = (positions: number, axis: 0 | 1, extent: number): number =>
    (strides[axis] as number) * (positions - 1) +
    ((extent - 1) * (dilations[axis] as number) + 1) -
    (pads[axis] as number) -
    (pads[axis + 2] as number);
  const missing = [
    info.inHeight - size(info.outHeight, 0, info.filterHeight),
    info.inWidth - size(info.outWidth, 1, info.filterWidth),
  ];
  // ONNX Runtime wants the output padding below the stride.
  if (missing.some((rows, axis) => rows < 0 || rows >= Math.max(strides[axis] as number, dilations[axis] as number)))
    return null;
  const shape = [info.batchSize, info.inChannels, info.inHeight, info.inWidth];
  const gradient = emit('ConvTranspose', [toNCHW(dy), transpose(filter, [3, 2, 0, 1])], shape, {
    attributes: { strides, dilations, pads, output_padding: missing },
  });
  return toNHWC(gradient);
}

export const kernels: readonly KernelDefinition[] = [
  defineKernel<ConvolutionAttributes>('Conv2D', ({ value, attrs, backend }) => {
    const [x, filter] = [value('x'), value('filter')];
    if (isForeign(attrs, x, filter)) return null;
    const info = geometry(x.shape, filter.shape, attrs);
    if (info.outShape.includes(0)) return null;
    const shape = [info.batchSize, info.outChannels, info.outHeight, info.outWidth];
    return toNHWC(convolve(backend, [toNCHW(x), transpose(filter, [3, 2, 0, 1])], shape, spatial(info)));
  }),
  defineKernel<ConvolutionAttributes & { inputShape: number[] }>('Conv2DBackpropInput', ({ value, attrs }) => {
    const [dy, filter] = [value('dy'), value('filter')];
    if (isForeign(attrs, dy, filter)) return null;
    const info = geometry(attrs.inputShape, filter.shape, attrs);
    // A gradient of another size than the convolution's output is no convolution's; tfjs's own kernel crops it.
    return sameShape(dy.shape, info.outShape) ? inputGradient(dy, filter, info) : null;
  }),
  defineKernel<ConvolutionAttributes & { filterShape: number[] }>(
    'Conv2DBackpropFilter',
    ({ value, attrs, backend }) => {
      const [x, dy] = [value('x'), value('dy')];
      if (isForeign(attrs, x, dy)) return null;
      return filterGradient(backend, x, dy, geometry(x.shape, attrs.filterShape, attrs));
    },
  ),
  defineKernel<ConvolutionAttributes>('DepthwiseConv2dNative', ({ value, attrs }) => {
    const [x, filter] = [value('x'), value('filter')];
    if (isForeign({ ...attrs, dataFormat: 'NHWC' }, x, filter)) return null;
    const info = geometry(x.shape, filter.shape, { ...attrs, dataFormat: 'NHWC' }, true);
    const [height, width, channels, multiplier] = filter.shape as [number, number, number, number];
    const shape = [info.batchSize, channels * multiplier, info.outHeight, info.outWidth];
    if (shape.includes(0)) return null;
    // [h, w, channels, multiplier] -> [channels * multiplier, 1, h, w]
    const perChannel = transpose(filter, [2, 3, 0, 1]);
    const weights = reshapeTo(perChannel, [channels * multiplier, 1, height, width]);
    return toNHWC(emit('Conv', [toNCHW(x), weights], shape, { attributes: { ...spatial(info), group: channels } }));
  }),
];

function reshapeTo(x: Value, shape: readonly number[]): Value {
  return emit('Reshape', [x, integers(shape)], shape);
}
