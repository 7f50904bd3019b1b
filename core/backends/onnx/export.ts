/** Traces a tfjs function into an ONNX file with its weights inside and a free batch dimension. */
import * as tf from '@tensorflow/tfjs';
import { CoreError } from '../../errors.ts';
import type { GraphRequest } from '../types.ts';
import { placeholder } from './backend.ts';
import { buildModel, gather } from './compile.ts';
import type { Node, Value } from './graph.ts';
import { integers } from './graph.ts';
import { foldTransposed } from './fold.ts';
import { activeBackend, tensorOf } from './step-program.ts';

/**
 * Stands for the batch size while tracing: a prime that no layer has as a size, so that every number that is a multiple of it depends
 * on the batch. Nothing of that size is ever computed.
 */
const batchMark = 104_729;

/**
 * The ONNX model of `forward`; inputs and outputs carry the names of the request, their first dimension is named `batch`.
 * Needs the active backend to be an ONNX device. Throws `engine/export` if an operation depends on the batch in a way that ONNX
 * cannot leave free.
 */
export async function exportGraph(request: GraphRequest): Promise<Uint8Array> {
  const backend = activeBackend();
  const inputs = new Map<Value, string>();
  let model = new Uint8Array();
  backend.trace(() => {
    tf.tidy(() => {
      const fed = Object.entries(request.inputs).map(([name, shape]) => {
        const value = placeholder([batchMark, ...shape], 'float32');
        inputs.set(value, name);
        return [name, tensorOf(backend, value, 'float32')] as const;
      });
      const returned = request.forward(Object.fromEntries(fed));
      const values = foldTransposed(Object.values(returned).map((tensor) => backend.graphValue(tensor)));
      const outputs = Object.keys(returned).map((name, i) => [name, values[i] as Value] as const);
      const subgraph = gather(values);
      model = buildModel({ subgraph, inputs, outputs, shapeOf: freeBatch, constantOf: freeConstant }) as typeof model;
    });
  });
  return Promise.resolve(model);
}

function dependsOnBatch(size: number | bigint): boolean {
  return size !== 0 && size !== 0n && Number(size) % batchMark === 0;
}

function freeBatch(value: Value): (number | string)[] {
  return value.shape.map((size) => (size === batchMark ? 'batch' : size));
}

/** A shape argument that names the batch size: -1 lets a Reshape infer it. */
function freeConstant(value: Value, reader: Node): Value {
  const data = value.constant?.data;
  if (!(data instanceof BigInt64Array) || !data.some(dependsOnBatch)) return value;
  const sizes = Array.from(data, Number);
  if (reader.operator !== 'Reshape' || sizes.filter(dependsOnBatch).length > 1)
    throw new CoreError(
      'engine/export',
      `The batch size is fixed by an operation (${reader.operator}) and cannot be left free.`,
    );
  return integers(sizes.map((size) => (dependsOnBatch(size) ? -1 : size)));
}
