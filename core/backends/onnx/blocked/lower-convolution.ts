/** Recognises the convolutions that kernels/convolution.ts records and gives them blocked forms. */
import type { Node, Value } from '../graph.ts';
import { sameShape } from '../graph.ts';
import type { Spatial } from './convolution.ts';
import { forward, inputGradient, phasesOf } from './convolution.ts';
import { filterGradient } from './filter-gradient.ts';
import { imageSize } from './layout.ts';
import type { Lowering } from './lower.ts';
import { noExtras } from './pending.ts';

/** Smaller batches waste too much of a block. */
const leastBatch = 8;

/** The input of a Transpose with this permutation, else null. */
function beforeTranspose(value: Value | undefined, perm: readonly number[]): Value | null {
  const node = value?.tensor === null ? value.node : null;
  if (node?.operator !== 'Transpose' || !sameShape(node.attributes['perm'] as number[], perm)) return null;
  return node.inputs[0] ?? null;
}

function spatialOf(node: Node): Spatial {
  const { strides, dilations, pads } = node.attributes;
  return { strides, dilations, pads } as unknown as Spatial;
}

/** Lowers a convolution node if it is one that fits; returns whether it did. */
export function lowerConvolution(lowering: Lowering, node: Node): boolean {
  if (node.operator !== 'Conv' && node.operator !== 'ConvTranspose') return false;
  const done =
    node.operator === 'ConvTranspose'
      ? lowerInputGradient(lowering, node)
      : lowerForward(lowering, node) || lowerFilterGradient(lowering, node);
  if (done) lowering.lowered++;
  else lowering.kept++;
  return done;
}

function lowerForward(lowering: Lowering, node: Node): boolean {
  const { block } = lowering;
  const [x, w] = node.inputs;
  const [output] = node.outputs;
  const filter = beforeTranspose(w, [3, 2, 0, 1]);
  if (x === undefined || output === undefined || filter === null || beforeTranspose(x, [0, 3, 1, 2]) === null)
    return false;
  if ((node.attributes['group'] ?? 1) !== 1) return false;
  const [, , inputs = 0, outputs = 0] = filter.shape;
  if (outputs % block !== 0 || (inputs >= block && inputs % block !== 0)) return false;
  const input = inputs < block ? lowering.plain(x) : lowering.blocked(x, 'NCHW');
  const weights = lowering.plain(filter);
  const result = imageSize(output.shape, 'NCHW');
  lowering.setPending(output, {
    order: 'NCHW',
    extras: noExtras,
    takesSum: false,
    make: (extras) => forward(input, weights, result, spatialOf(node), block, extras),
  });
  return true;
}

function lowerInputGradient(lowering: Lowering, node: Node): boolean {
  const { block } = lowering;
  const [dy, w] = node.inputs;
  const [output] = node.outputs;
  const filter = beforeTranspose(w, [3, 2, 0, 1]);
  if (dy === undefined || output === undefined || filter === null) return false;
  const [height = 0, width = 0, inputs = 0, outputs = 0] = filter.shape;
  const { strides, dilations, pads } = spatialOf(node);
  if (inputs % block !== 0 || outputs % block !== 0 || dilations.some((dilation) => dilation !== 1)) return false;
  const result = imageSize(output.shape, 'NCHW');
  const source = imageSize(dy.shape, 'NCHW');
  const rows = phasesOf(height, strides[0], pads[0], result.height, source.height);
  const columns = phasesOf(width, strides[1], pads[1], result.width, source.width);
  if (rows === null || columns === null) return false;
  const blocked = lowering.blocked(dy, 'NCHW');
  const weights = lowering.plain(filter);
  lowering.setPending(output, {
    order: 'NCHW',
    extras: noExtras,
    takesSum: false,
    make: (extras) => inputGradient(blocked, weights, result, strides, rows, columns, block, extras),
  });
  return true;
}

function lowerFilterGradient(lowering: Lowering, node: Node): boolean {
  const { block } = lowering;
  const x = beforeTranspose(node.inputs[0], [3, 0, 1, 2]);
  const dy = beforeTranspose(node.inputs[1], [3, 0, 1, 2]);
  const [output] = node.outputs;
  if (x === null || dy === null || output === undefined) return false;
  const [batch = 0] = x.shape;
  const outputs = dy.shape[3] ?? 0;
  if (batch < leastBatch || outputs % block !== 0) return false;
  // The recorded node is this very convolution: its strides are the forward dilations and the other way round.
  const { strides, dilations, pads } = spatialOf(node);
  const kernel = [output.shape[2] ?? 0, output.shape[3] ?? 0] as const;
  const blocked = lowering.canBlock(x, 'NHWC');
  const image = { value: blocked ? lowering.blocked(x, 'NHWC') : lowering.plain(x), blocked };
  const spatial = { strides: dilations, dilations: strides, pads };
  const gradient = filterGradient(image, lowering.blocked(dy, 'NHWC'), kernel, spatial, block);
  // The recorded value is [in, out, h, w]; its only reader transposes it to HWIO, which is what there is.
  lowering.setFilter(output, gradient);
  return true;
}
