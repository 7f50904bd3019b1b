/**
 * Transposed convolutions of networks whose weights are constants: the scale, shift and activation that follow go into the operator.
 * ONNX Runtime does this by itself for plain convolutions only; left alone, the bias of a picture's three channels costs more than the
 * convolution.
 */
import { gather } from './compile.ts';
import { emit, emitMany, integers, sameShape, sizeOf } from './graph.ts';
import type { Node, Value } from './graph.ts';
import { isUpsampling, upsample } from './upsample.ts';

/** y = activation(scale * (w * x) + shift). */
interface Layer {
  readonly node: Node;
  /** [out]; null where there is none. */
  readonly scale: Value | null;
  readonly shift: Value | null;
  readonly activation: 'Relu' | 'Tanh' | null;
  /** The value that all of it computes, [batch, h, w, out]. */
  readonly result: Value;
  /** Nodes that are no longer needed. */
  readonly replaced: readonly Node[];
}

/** Who reads a value; null stands for being an output of the graph. */
type Readers = ReadonlyMap<Value, readonly (Node | null)[]>;

/** The counterparts of `outputs`, equal up to rounding. */
export function foldTransposed(outputs: readonly Value[]): Value[] {
  const { nodes } = gather(outputs);
  const readers = readersOf(nodes, outputs);
  const folded = new Map<Value, Value>();
  const replaced = new Set<Node>();
  const now = (value: Value): Value => folded.get(value) ?? value;
  for (const node of nodes) {
    if (replaced.has(node)) continue;
    const layer = node.operator === 'ConvTranspose' ? recognise(node, readers) : null;
    if (layer !== null) {
      for (const one of layer.replaced) replaced.add(one);
      folded.set(layer.result, fold(layer, node.inputs.map(now)));
    } else if (node.inputs.some((value) => folded.has(value))) {
      const results = emitMany(node.operator, node.inputs.map(now), node.outputs, node.attributes, node.domain);
      node.outputs.forEach((value, i) => folded.set(value, results[i] as Value));
    }
  }
  return outputs.map(now);
}

function readersOf(nodes: readonly Node[], outputs: readonly Value[]): Readers {
  const readers = new Map<Value, (Node | null)[]>();
  const add = (value: Value, node: Node | null): void => {
    const known = readers.get(value);
    if (known === undefined) readers.set(value, [node]);
    else known.push(node);
  };
  for (const node of nodes) for (const value of node.inputs) add(value, node);
  for (const value of outputs) add(value, null);
  return readers;
}

function isConstant(value: Value): boolean {
  if (value.constant !== null || value.tensor !== null) return true;
  return value.node?.inputs.every(isConstant) ?? false;
}

/** What follows a transposed convolution: to NHWC, then * scale, + shift, activation, each if it is there. */
function recognise(node: Node, readers: Readers): Layer | null {
  const [, filter] = node.inputs; // [in, out, h, w]
  const [output] = node.outputs; // [batch, out, h, w]
  if (filter === undefined || output === undefined || node.inputs.length > 2 || !isConstant(filter)) return null;
  const replaced: Node[] = [];
  let result = output;
  const next = (): Node | null => {
    const [reader, ...others] = readers.get(result) ?? [];
    return others.length === 0 ? (reader ?? null) : null;
  };
  const take = (reader: Node): void => {
    replaced.push(reader);
    result = reader.outputs[0] as Value;
  };
  const channelwise = (operator: 'Mul' | 'Add'): Value | null => {
    const reader = next();
    const other = reader?.operator === operator ? reader.inputs.find((value) => value !== result) : undefined;
    if (reader === null || other === undefined || !isConstant(other)) return null;
    if (!sameShape(other.shape, [filter.shape[1] as number])) return null;
    take(reader);
    return other;
  };
  const toLast = next();
  if (toLast?.operator !== 'Transpose' || !sameShape(toLast.attributes['perm'] as number[], [0, 2, 3, 1])) return null;
  take(toLast);
  const scale = channelwise('Mul');
  const shift = channelwise('Add');
  const last = next();
  const activation = last?.operator === 'Relu' || last?.operator === 'Tanh' ? last.operator : null;
  if (last !== null && activation !== null) take(last);
  return { node, scale, shift, activation, result, replaced };
}

/** The activation comes before the axes are put in tfjs's order, so that a following layer's own reordering cancels that. */
function fold({ node, scale, shift, activation, result }: Layer, [x, filter]: readonly Value[]): Value {
  if (x === undefined || filter === undefined) throw new Error('A transposed convolution without its inputs.');
  const weights = scale === null ? filter : emit('Mul', [filter, perOutput(scale)], filter.shape);
  if (isUpsampling(filter, node.attributes)) {
    // tanh comes last, where there is less of it.
    const inside = activation === 'Tanh' ? null : activation;
    const y = upsample({ x, filter: weights, shift, activation: inside });
    return inside === activation ? y : emit('Tanh', [y], y.shape);
  }
  const operands = shift === null ? [x, weights] : [x, weights, shift];
  const shape = node.outputs[0]?.shape ?? [];
  const upsampled = emit('ConvTranspose', operands, shape, { attributes: node.attributes });
  const activated = activation === null ? upsampled : emit(activation, [upsampled], shape);
  return emit('Transpose', [activated], result.shape, { attributes: { perm: [0, 2, 3, 1] } });
}

/** [out] -> [1, out, 1, 1], along a filter [in, out, h, w]. */
function perOutput(scale: Value): Value {
  const shape = [1, sizeOf(scale.shape), 1, 1];
  return emit('Reshape', [scale, integers(shape)], shape);
}
