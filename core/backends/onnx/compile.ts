/** From recorded values to a session: gathers the nodes that a set of values needs, names everything, serialises, loads. */
import { CoreError } from '../../errors.ts';
import type { Node, Value } from './graph.ts';
import { serialiseModel } from './model.ts';
import type { ModelInitializer, ModelNode, ModelValue } from './model.ts';

/** The part of the graph between leaves and the wanted values. */
export interface Subgraph {
  /** In execution order. */
  readonly nodes: readonly Node[];
  /** Values with contents of their own that the nodes read, in order of first use. */
  readonly leaves: readonly Value[];
  /** Constants of the graph itself, likewise. */
  readonly constants: readonly Value[];
}

/** Collects what `wanted` needs. Values that have a tensor are leaves even if they were computed once. */
export function gather(wanted: Iterable<Value>): Subgraph {
  const nodes = new Set<Node>();
  const stack: Node[] = [];
  const visit = (value: Value): void => {
    if (value.node !== null && value.tensor === null && !nodes.has(value.node)) {
      nodes.add(value.node);
      stack.push(value.node);
    }
  };
  for (const value of wanted) visit(value);
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) node.inputs.forEach(visit);
  const ordered = [...nodes].sort((a, b) => a.sequence - b.sequence);
  const leaves = new Set<Value>();
  const constants = new Set<Value>();
  for (const { inputs } of ordered)
    for (const value of inputs) {
      if (value.constant !== null) constants.add(value);
      else if (value.node === null || value.tensor !== null) leaves.add(value);
    }
  return { nodes: ordered, leaves: [...leaves], constants: [...constants] };
}

export interface ModelRequest {
  readonly subgraph: Subgraph;
  /** Leaves that become inputs, by name; every other leaf is baked in as an initializer. */
  readonly inputs: ReadonlyMap<Value, string>;
  readonly outputs: readonly (readonly [name: string, value: Value])[];
  /** Rewrites shapes for a free batch dimension; identity if absent. */
  readonly shapeOf?: (value: Value) => readonly (number | string)[];
  /** Rewrites the contents of integer constants (shape arguments) likewise. */
  readonly constantOf?: (value: Value, reader: Node) => Value;
}

/** Serialises a subgraph. Outputs that no node computes (a leaf or constant returned as it is) pass through an Identity. */
export function buildModel(request: ModelRequest): Uint8Array {
  const { subgraph, inputs, outputs, shapeOf = (value: Value) => value.shape, constantOf } = request;
  const names = new Map<Value, string>(inputs);
  // A computed output carries the output's name itself; only what is no node's own output (again) needs an Identity.
  const passed = outputs.filter(([name, value]) => {
    if (names.has(value) || value.node === null || value.tensor !== null) return true;
    names.set(value, name);
    return false;
  });
  const initializers = new Map<string, ModelInitializer>();
  const bake = (value: Value): string => {
    const name = value.constant === null ? `w${initializers.size}` : `c${value.constant.key}`;
    if (!initializers.has(name))
      initializers.set(name, { name, type: value.type, shape: value.shape, data: hostData(value) });
    return name;
  };
  const nameOf = (value: Value): string => {
    let name = names.get(value);
    if (name === undefined) {
      name = value.node !== null && value.tensor === null ? `n${names.size}` : bake(value);
      names.set(value, name);
    }
    return name;
  };
  const nodes: ModelNode[] = subgraph.nodes.map((node) => ({
    operator: node.operator,
    domain: node.domain,
    attributes: node.attributes,
    inputs: node.inputs.map((value) => nameOf(constantOf ? constantOf(value, node) : value)),
    outputs: node.outputs.map(nameOf),
  }));
  const domains = Object.fromEntries(
    subgraph.nodes.filter((node) => node.domain !== '').map((node) => [node.domain, 1]),
  );
  for (const [name, value] of passed)
    nodes.push({ operator: 'Identity', domain: '', attributes: {}, inputs: [nameOf(value)], outputs: [name] });
  const describe = (name: string, value: Value): ModelValue => ({ name, type: value.type, shape: shapeOf(value) });
  return serialiseModel({
    nodes,
    inputs: [...inputs].map(([value, name]) => describe(name, value)),
    outputs: outputs.map(([name, value]) => describe(name, value)),
    initializers: [...initializers.values()],
    domains,
  });
}

/** The contents of a constant or of a leaf that lies on the host. */
function hostData(value: Value): ModelInitializer['data'] {
  if (value.constant !== null) return value.constant.data;
  if (value.tensor?.location !== 'cpu')
    throw new CoreError(
      'engine/capture',
      `A value of shape [${value.shape.join()}] has no contents to put into a graph.`,
    );
  return value.tensor.data as Float32Array;
}
