/** Reductions over axes. */
import type * as tf from '@tensorflow/tfjs';
import { util } from '@tensorflow/tfjs';
import type { ElementType, Value } from '../graph.ts';
import { emit, integers, scalar, sizeOf, where } from '../graph.ts';
import type { KernelDefinition } from '../kernel.ts';
import { defineKernel } from '../kernel.ts';

interface Axes {
  readonly axis: number | number[];
  readonly keepDims: boolean;
}

/** A reduction as its own node; `axesAsInput` for ReduceSum, whose axes are an input since operator set 13. */
function reduce(operator: string, x: Value, { axis, keepDims }: Axes, axesAsInput = false): Value {
  const axes = util.parseAxisParam(axis, [...x.shape]);
  // No axes would mean all of them to ONNX and none of them to tfjs.
  if (axes.length === 0) return emit('Identity', [x], x.shape);
  const shape = reducedShape(x.shape, axes, keepDims);
  const keepdims = keepDims ? 1 : 0;
  return axesAsInput
    ? emit(operator, [x, integers(axes)], shape, { attributes: { keepdims } })
    : emit(operator, [x], shape, { attributes: { axes, keepdims } });
}

function reducedShape(shape: readonly number[], axes: readonly number[], keepDims: boolean): number[] {
  return shape.map((size, i) => (axes.includes(i) ? 1 : size)).filter((_, i) => keepDims || !axes.includes(i));
}

/** `attribute` is the name under which the kernel passes its axes: Max alone says reductionIndices, others axis. */
function axesOf(attrs: tf.NamedAttrMap): Axes {
  return { axis: (attrs['reductionIndices'] ?? attrs['axis']) as number[], keepDims: attrs['keepDims'] === true };
}

function reduction(name: string, operator: string, types: readonly ElementType[]): KernelDefinition {
  return defineKernel(name, ({ value, attrs }) => {
    const x = value('x');
    if (!types.includes(x.type) || sizeOf(x.shape) === 0) return null;
    return reduce(operator, x, axesOf(attrs), operator === 'ReduceSum');
  });
}

/** ONNX Runtime ignores NaN in ReduceMax and ReduceMin; a sum that is NaN while no infinities meet says that there was one. */
function extremum(name: string, operator: string): KernelDefinition {
  return defineKernel(name, ({ value, attrs }) => {
    const x = value('x');
    if (x.type === 'bool' || sizeOf(x.shape) === 0) return null;
    const axes = axesOf(attrs);
    const result = reduce(operator, x, axes);
    if (x.type !== 'float32') return result;
    const isNaN = emit('IsNaN', [x], x.shape, { type: 'bool' });
    const marks = emit('Cast', [isNaN], x.shape, { type: 'float32', attributes: { to: 1 } });
    const marked = reduce('ReduceMax', marks, axes);
    const any = emit('Greater', [marked, scalar(0)], result.shape, { type: 'bool' });
    return where(any, scalar(Number.NaN), result, result.shape);
  });
}

/** tfjs passes over NaN, ONNX Runtime does not: it is replaced by what loses every comparison. */
function argument(name: string, operator: string): KernelDefinition {
  return defineKernel(name, ({ value, attrs }) => {
    const x = value('x');
    if (x.type !== 'float32' || sizeOf(x.shape) === 0) return null;
    const [axis = 0] = util.parseAxisParam(attrs['axis'] as number, [...x.shape]);
    const shape = reducedShape(x.shape, [axis], false);
    const worst = scalar(operator === 'ArgMax' ? -Infinity : Infinity);
    const numbers = where(emit('IsNaN', [x], x.shape, { type: 'bool' }), worst, x, x.shape);
    const found = emit(operator, [numbers], shape, { type: 'int64', attributes: { axis, keepdims: 0 } });
    return emit('Cast', [found], shape, { type: 'int32', attributes: { to: 6 } });
  });
}

/** All and Any through int32, since ONNX reduces no booleans. */
function logical(name: string, operator: string): KernelDefinition {
  return defineKernel(name, ({ value, attrs }) => {
    const x = value('x');
    if (x.type !== 'bool' || sizeOf(x.shape) === 0) return null;
    const numbers = emit('Cast', [x], x.shape, { type: 'int32', attributes: { to: 6 } });
    const reduced = reduce(operator, numbers, axesOf(attrs));
    return emit('Cast', [reduced], reduced.shape, { type: 'bool', attributes: { to: 9 } });
  });
}

export const kernels: readonly KernelDefinition[] = [
  reduction('Sum', 'ReduceSum', ['float32', 'int32']),
  reduction('Mean', 'ReduceMean', ['float32']),
  reduction('Prod', 'ReduceProd', ['float32', 'int32']),
  extremum('Max', 'ReduceMax'),
  extremum('Min', 'ReduceMin'),
  argument('ArgMax', 'ArgMax'),
  argument('ArgMin', 'ArgMin'),
  logical('All', 'ReduceMin'),
  logical('Any', 'ReduceMax'),
  defineKernel<{ dim: number }>('Softmax', ({ inputs, backend, attrs }) => {
    const logits = backend.graphValue(inputs['logits'] as tf.TensorInfo);
    const axis = attrs.dim < 0 ? attrs.dim + logits.shape.length : attrs.dim;
    return emit('Softmax', [logits], logits.shape, { attributes: { axis } });
  }),
  defineKernel<{ axis: number }>('LogSoftmax', ({ inputs, backend, attrs }) => {
    const logits = backend.graphValue(inputs['logits'] as tf.TensorInfo);
    const axis = attrs.axis < 0 ? attrs.axis + logits.shape.length : attrs.axis;
    return emit('LogSoftmax', [logits], logits.shape, { attributes: { axis } });
  }),
];
