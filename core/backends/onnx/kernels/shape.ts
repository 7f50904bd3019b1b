/** Kernels that move or repeat elements without arithmetic. */
import * as tf from '@tensorflow/tfjs';
import type { Value } from '../graph.ts';
import { emit, emitMany, integers, sameShape, scalar, sizeOf } from '../graph.ts';
import type { KernelCall, KernelDefinition } from '../kernel.ts';
import { defineKernel } from '../kernel.ts';

/** The input's own data under another shape. */
function view({ backend }: KernelCall<unknown>, x: tf.TensorInfo, shape: number[]): tf.TensorInfo {
  backend.incRef(x.dataId);
  return { dataId: x.dataId, shape, dtype: x.dtype };
}

function input(call: KernelCall<unknown>, name: string): tf.TensorInfo {
  return call.inputs[name] as tf.TensorInfo;
}

export function transpose(x: Value, perm: readonly number[]): Value {
  return emit(
    'Transpose',
    [x],
    perm.map((axis) => x.shape[axis] as number),
    { attributes: { perm } },
  );
}

export function slice(x: Value, begin: readonly number[], size: readonly number[]): Value {
  const end = begin.map((start, i) => start + (size[i] as number));
  return emit('Slice', [x, integers(begin), integers(end)], size);
}

function splitAlong(x: Value, axis: number, sizes: readonly number[]): Value[] {
  const outputs = sizes.map((size) => ({
    shape: x.shape.map((dimension, i) => (i === axis ? size : dimension)),
    type: x.type,
  }));
  return emitMany('Split', [x, integers(sizes)], outputs, { axis });
}

/** A shader is sure of eight buffers, its input among them: ONNX Runtime's Split binds all outputs at once. */
const mostParts = 7;

function slicesAlong(x: Value, axis: number, sizes: readonly number[]): Value[] {
  let start = 0;
  return sizes.map((size) => {
    const begin = x.shape.map((_, i) => (i === axis ? start : 0));
    start += size;
    return slice(
      x,
      begin,
      x.shape.map((dimension, i) => (i === axis ? size : dimension)),
    );
  });
}

function reshape(x: Value, shape: readonly number[]): Value {
  return sameShape(x.shape, shape) ? x : emit('Reshape', [x, integers(shape)], shape);
}

function axisOf(axis: number, rank: number): number {
  return axis < 0 ? axis + rank : axis;
}

/** Some ONNX operators refuse tensors without elements; the reference knows them all. */
const isEmpty = (...values: readonly Value[]): boolean => values.some(({ shape }) => sizeOf(shape) === 0);

export const kernels: readonly KernelDefinition[] = [
  defineKernel('Identity', (call) => view(call, input(call, 'x'), input(call, 'x').shape)),
  defineKernel<{ shape: number[] }>('Reshape', (call) => {
    const x = input(call, 'x');
    const size = sizeOf(x.shape);
    const shape = tf.util.inferFromImplicitShape(call.attrs.shape, size);
    tf.util.assert(size === sizeOf(shape), () => `The new shape (${shape.join()}) does not fit ${size} elements.`);
    return view(call, x, shape);
  }),
  defineKernel<{ dim: number }>('ExpandDims', (call) => {
    const x = input(call, 'input');
    const shape = [...x.shape];
    tf.util.assert(
      -(shape.length + 1) <= call.attrs.dim,
      () => `Axis must be in the interval [${-shape.length - 1}, ${shape.length}]`,
    );
    shape.splice(call.attrs.dim < 0 ? shape.length + call.attrs.dim + 1 : call.attrs.dim, 0, 1);
    return view(call, x, shape);
  }),
  defineKernel<{ perm: number[] }>('Transpose', ({ value, attrs }) => transpose(value('x'), attrs.perm)),
  defineKernel<{ reps: number[] }>('Tile', ({ value, attrs: { reps } }) => {
    const x = value('x');
    const shape = x.shape.map((dimension, i) => dimension * (reps[i] as number));
    if (isEmpty(x) || shape.includes(0)) return null;
    const spreads = x.shape.every((dimension, i) => dimension === 1 || reps[i] === 1);
    return emit(spreads ? 'Expand' : 'Tile', [x, integers(spreads ? shape : reps)], shape);
  }),
  defineKernel<{ axis: number }>('Concat', ({ values, attrs }) => {
    const given = values();
    const axis = tf.util.parseAxisParam(attrs.axis, [...(given[0] as Value).shape])[0] as number;
    tf.backend_util.assertParamsConsistent(
      given.map(({ shape }) => [...shape]),
      axis,
    );
    const parts = given.filter((part) => !isEmpty(part));
    const [first] = parts;
    if (first === undefined) return null;
    const total = parts.reduce((sum, part) => sum + (part.shape[axis] as number), 0);
    if (parts.some(({ type }) => type !== first.type)) return null;
    const shape = first.shape.map((dimension, i) => (i === axis ? total : dimension));
    return emit('Concat', parts, shape, { attributes: { axis } });
  }),
  defineKernel<{ begin: number[]; size: number[] }>('Slice', (call) => {
    const x = call.value('x');
    const [begin = [], size = []] = tf.slice_util.parseSliceParams(input(call, 'x'), call.attrs.begin, call.attrs.size);
    tf.slice_util.assertParamsValid(input(call, 'x'), begin, size);
    return isEmpty(x) || size.includes(0) ? null : slice(x, begin, size);
  }),
  defineKernel<{ paddings: [number, number][]; constantValue: number }>('PadV2', ({ value, attrs }) => {
    const x = value('x');
    if (isEmpty(x) || x.type === 'bool') return null;
    const pads = [...attrs.paddings.map(([before]) => before), ...attrs.paddings.map(([, after]) => after)];
    const shape = x.shape.map(
      (dimension, i) => dimension + (attrs.paddings[i]?.[0] ?? 0) + (attrs.paddings[i]?.[1] ?? 0),
    );
    const type = x.type === 'int32' ? 'int32' : 'float32';
    return emit('Pad', [x, integers(pads), scalar(attrs.constantValue, type)], shape);
  }),
  defineKernel<{ numOrSizeSplits: number | number[]; axis: number }>('SplitV', (call) => {
    const x = call.value('x');
    const axis = tf.util.parseAxisParam(call.attrs.axis, [...x.shape])[0] as number;
    const sizes = tf.backend_util.prepareSplitSize(input(call, 'x'), call.attrs.numOrSizeSplits, axis);
    if (isEmpty(x) || sizes.includes(0)) return null;
    const many = sizes.length > mostParts && call.backend.settings.provider === 'webgpu';
    return many ? slicesAlong(x, axis, sizes) : splitAlong(x, axis, sizes);
  }),
  defineKernel<{ axis: number }>('Pack', ({ values, attrs }) => {
    const parts = values();
    const [first] = parts;
    if (first === undefined || isEmpty(...parts)) return null;
    for (const { shape, type } of parts) {
      tf.util.assertShapesMatch([...first.shape], [...shape], 'All tensors passed to stack must have matching shapes');
      tf.util.assert(type === first.type, () => 'All tensors passed to stack must have matching dtypes');
    }
    const axis = axisOf(attrs.axis, first.shape.length + 1);
    const row = [...first.shape];
    row.splice(axis, 0, 1);
    const shape = row.map((dimension, i) => (i === axis ? parts.length : dimension));
    return emit(
      'Concat',
      parts.map((part) => reshape(part, row)),
      shape,
      { attributes: { axis } },
    );
  }),
  defineKernel<{ axis: number }>('Unpack', (call) => {
    const x = call.backend.graphValue(input(call, 'value'));
    const axis = axisOf(call.attrs.axis, x.shape.length);
    const count = x.shape[axis] as number;
    if (isEmpty(x)) return null;
    const shape = x.shape.filter((_, i) => i !== axis);
    return splitAlong(x, axis, Array<number>(count).fill(1)).map((part) => reshape(part, shape));
  }),
  defineKernel<{ dims: number[] }>('Reverse', ({ value, attrs }) => {
    const x = value('x');
    const axes = tf.util.parseAxisParam(attrs.dims, [...x.shape]);
    if (isEmpty(x) || axes.length === 0) return null;
    const starts = integers(axes.map(() => -1));
    // The end lies before the first element: beyond any negative index.
    const ends = integers(axes.map(() => -2_147_483_648));
    return emit('Slice', [x, starts, ends, integers(axes), integers(axes.map(() => -1))], x.shape);
  }),
  defineKernel<{ shape: number[]; value: number | string; dtype?: tf.DataType }>('Fill', ({ attrs, backend }) => {
    const dtype = attrs.dtype ?? tf.util.inferDtype(attrs.value);
    if (typeof attrs.value === 'string' || (dtype !== 'float32' && dtype !== 'int32' && dtype !== 'bool')) {
      const values = Array<number | string>(sizeOf(attrs.shape)).fill(attrs.value);
      const encoded =
        typeof attrs.value === 'string' ? values.map((text) => tf.util.encodeString(text as string)) : values;
      const dataId = backend.write(encoded as tf.backend_util.BackendValues, attrs.shape, dtype);
      return { dataId, shape: attrs.shape, dtype };
    }
    return filled(attrs.shape, attrs.value, dtype);
  }),
  ...(
    [
      ['ZerosLike', 0],
      ['OnesLike', 1],
    ] as const
  ).map(([name, number]) =>
    defineKernel(name, ({ value }) => {
      const x = value('x');
      return x.type === 'int64' ? null : filled(x.shape, number, x.type);
    }),
  ),
];

/** A constant spread over a shape; null where there is nothing to fill. */
function filled(shape: readonly number[], value: number, type: 'float32' | 'int32' | 'bool'): Value | null {
  return sizeOf(shape) === 0 ? null : emit('Expand', [scalar(value, type), integers(shape)], shape);
}
