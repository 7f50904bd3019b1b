/** Serialises nodes, inputs, outputs and initializers as an ONNX ModelProto (onnx.proto, IR version 8, operator set 17). */
import { CoreError } from '../../errors.ts';
import type { Attribute, Attributes, Constant, ElementType } from './graph.ts';
import { MessageWriter } from './protobuf.ts';

const operatorSet = 17;
const irVersion = 8;

/** TensorProto.DataType */
const dataTypes: Readonly<Record<ElementType, number>> = { float32: 1, int32: 6, int64: 7, bool: 9 };

/** A dimension is a number, or a name where it is free. */
export interface ModelValue {
  readonly name: string;
  readonly type: ElementType;
  readonly shape: readonly (number | string)[];
}

export interface ModelNode {
  readonly operator: string;
  readonly domain: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Attributes;
}

export interface ModelInitializer extends ModelValue {
  readonly shape: readonly number[];
  readonly data: Constant['data'];
}

export interface ModelParts {
  readonly nodes: readonly ModelNode[];
  readonly inputs: readonly ModelValue[];
  readonly outputs: readonly ModelValue[];
  readonly initializers: readonly ModelInitializer[];
  /** Operator-set versions of domains other than ONNX's own. */
  readonly domains?: Readonly<Record<string, number>>;
}

export function serialiseModel(parts: ModelParts): Uint8Array {
  const graph = new MessageWriter();
  for (const node of parts.nodes) graph.message(1, nodeProto(node));
  graph.text(2, 'triangle');
  for (const initializer of parts.initializers) graph.message(5, tensorProto(initializer));
  for (const input of parts.inputs) graph.message(11, valueInfo(input));
  for (const output of parts.outputs) graph.message(12, valueInfo(output));
  const model = new MessageWriter().integer(1, irVersion).text(2, 'triangle-studio').message(7, graph);
  model.message(8, new MessageWriter().text(1, '').integer(2, operatorSet));
  for (const [domain, version] of Object.entries(parts.domains ?? {}))
    model.message(8, new MessageWriter().text(1, domain).integer(2, version));
  return model.finish();
}

function nodeProto(node: ModelNode): MessageWriter {
  const proto = new MessageWriter();
  for (const name of node.inputs) proto.text(1, name);
  for (const name of node.outputs) proto.text(2, name);
  proto.text(4, node.operator);
  for (const [name, value] of Object.entries(node.attributes)) proto.message(5, attributeProto(name, value));
  if (node.domain !== '') proto.text(7, node.domain);
  return proto;
}

/** AttributeProto: the types in use are FLOAT 1, INT 2, STRING 3, FLOATS 6, INTS 7. */
function attributeProto(name: string, value: Attribute): MessageWriter {
  const proto = new MessageWriter().text(1, name);
  if (typeof value === 'number') {
    if (!Number.isInteger(value)) throw new CoreError('engine/attribute', `Attribute ${name} is no integer: ${value}.`);
    return proto.integer(3, value).integer(20, 2);
  }
  if (typeof value === 'string') return proto.text(4, value).integer(20, 3);
  if ('float' in value) return proto.float(2, value.float).integer(20, 1);
  if ('floats' in value) {
    for (const entry of value.floats) proto.float(7, entry);
    return proto.integer(20, 6);
  }
  for (const entry of value) proto.integer(8, entry);
  return proto.integer(20, 7);
}

function tensorProto({ name, shape, type, data }: ModelInitializer): MessageWriter {
  const proto = new MessageWriter();
  for (const dimension of shape) proto.integer(1, dimension);
  return proto
    .integer(2, dataTypes[type])
    .text(8, name)
    .bytes(9, new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
}

function valueInfo({ name, type, shape }: ModelValue): MessageWriter {
  const dimensions = new MessageWriter();
  for (const dimension of shape) {
    const entry = new MessageWriter();
    dimensions.message(1, typeof dimension === 'number' ? entry.integer(1, dimension) : entry.text(2, dimension));
  }
  const tensor = new MessageWriter().integer(1, dataTypes[type]).message(2, dimensions);
  return new MessageWriter().text(1, name).message(2, new MessageWriter().message(1, tensor));
}
