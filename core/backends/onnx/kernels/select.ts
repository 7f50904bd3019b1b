/** Choosing, converting and looking up elements. */
import * as tf from '@tensorflow/tfjs';
import type { Value } from '../graph.ts';
import { emit, integers, scalar, sizeOf, where } from '../graph.ts';
import type { KernelDefinition } from '../kernel.ts';
import { defineKernel } from '../kernel.ts';

const onnxTypes = { float32: 1, int32: 6, bool: 9 } as const;

export function cast(x: Value, type: keyof typeof onnxTypes): Value {
  return emit('Cast', [x], x.shape, { type, attributes: { to: onnxTypes[type] } });
}

export const kernels: readonly KernelDefinition[] = [
  defineKernel<{ dtype: tf.DataType }>('Cast', ({ value, attrs, inputs, backend }) => {
    const { dtype } = attrs;
    const x = value('x');
    if (dtype !== 'float32' && dtype !== 'int32' && dtype !== 'bool') return null;
    if (x.type === dtype) {
      const info = inputs['x'] as tf.TensorInfo;
      backend.incRef(info.dataId);
      return { dataId: info.dataId, shape: info.shape, dtype };
    }
    return cast(x, dtype);
  }),
  defineKernel('Select', (call) => {
    const [condition, t, e] = [call.value('condition'), call.value('t'), call.value('e')];
    if (condition.type !== 'bool' || t.type !== e.type) return null;
    // A rank-1 condition chooses whole rows.
    const rows = condition.shape.length === 1 && t.shape.length > 1;
    const shape = rows ? [sizeOf(condition.shape), ...t.shape.slice(1).map(() => 1)] : null;
    const mask = shape === null ? condition : emit('Reshape', [condition, integers(shape)], shape);
    return where(mask, t, e, t.shape);
  }),
  defineKernel<{ axis: number; batchDims: number }>('GatherV2', ({ value, attrs }) => {
    const [x, indices] = [value('x'), value('indices')];
    if (attrs.batchDims !== 0 || indices.type !== 'int32' || sizeOf(x.shape) * sizeOf(indices.shape) === 0) return null;
    const axis = tf.util.parseAxisParam(attrs.axis, [...x.shape])[0] as number;
    const shape = [...x.shape.slice(0, axis), ...indices.shape, ...x.shape.slice(axis + 1)];
    return emit('Gather', [x, indices], shape, { attributes: { axis } });
  }),
  defineKernel<{ dtype: tf.DataType; depth: number; onValue: number; offValue: number }>('OneHot', (call) => {
    const indices = call.value('indices');
    const { depth, onValue, offValue } = call.attrs;
    if (sizeOf(indices.shape) === 0) return null;
    const values = emit('Concat', [row(offValue), row(onValue)], [2], { attributes: { axis: 0 } });
    const column = emit('Reshape', [indices, integers([...indices.shape, 1])], [...indices.shape, 1]);
    const numbers = emit('Range', [scalar(0, 'int32'), scalar(depth, 'int32'), scalar(1, 'int32')], [depth], {
      type: 'int32',
    });
    const shape = [...indices.shape, depth];
    const hits = cast(emit('Equal', [column, numbers], shape, { type: 'bool' }), 'int32');
    const result = emit('Gather', [values, hits], shape, { type: 'float32', attributes: { axis: 0 } });
    return call.attrs.dtype === 'int32' ? cast(result, 'int32') : result;
  }),
  defineKernel('Complex', ({ inputs, backend }) => {
    const [real, imag] = [inputs['real'] as tf.TensorInfo, inputs['imag'] as tf.TensorInfo];
    const part = (info: tf.TensorInfo): tf.TensorInfo => ({
      dataId: backend.hold(backend.graphValue(info), 'float32'),
      shape: info.shape,
      dtype: 'float32',
    });
    return { dataId: backend.registerComplex(part(real), part(imag)), shape: real.shape, dtype: 'complex64' };
  }),
  ...(['Real', 'Imag'] as const).map((name) =>
    defineKernel(name, ({ inputs, backend }) => {
      const info = inputs['input'] as tf.TensorInfo;
      const parts = backend.complexParts(info.dataId);
      if (parts === null) return null;
      const part = name === 'Real' ? parts.real : parts.imag;
      return backend.graphValue({ ...part, shape: info.shape });
    }),
  ),
];

function row(value: number): Value {
  return emit('Reshape', [scalar(value), integers([1])], [1]);
}
