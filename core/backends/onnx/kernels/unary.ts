/** Element-wise functions of one tensor. */
import type { Attributes, Value } from '../graph.ts';
import { emit, scalar, where } from '../graph.ts';
import type { KernelDefinition } from '../kernel.ts';
import { defineKernel } from '../kernel.ts';

/** A kernel that is one ONNX operator on float32; other types go to the reference. */
function float(name: string, operator = name, attributes: Attributes = {}): KernelDefinition {
  return defineKernel(name, ({ value }) => {
    const x = value('x');
    return x.type === 'float32' ? emit(operator, [x], x.shape, { attributes }) : null;
  });
}

/** A kernel composed of several nodes, on float32. */
function composed(name: string, compose: (x: Value) => Value): KernelDefinition {
  return defineKernel(name, ({ value }) => {
    const x = value('x');
    return x.type === 'float32' ? compose(x) : null;
  });
}

const same = (operator: string, inputs: Value[], x: Value): Value => emit(operator, inputs, x.shape);
const test = (operator: string, inputs: Value[], x: Value): Value => emit(operator, inputs, x.shape, { type: 'bool' });
const toFloat = (x: Value): Value => emit('Cast', [x], x.shape, { type: 'float32', attributes: { to: 1 } });

/** 1 where positive, `alpha` elsewhere, NaN kept: the derivative of the leaky rectifier. */
function step(x: Value, alpha: number): Value {
  const positive = test('Greater', [x, scalar(0)], x);
  const signed = where(positive, scalar(1), scalar(alpha), x.shape);
  return where(test('IsNaN', [x], x), x, signed, x.shape);
}

export const kernels: readonly KernelDefinition[] = [
  float('Acos'),
  float('Acosh'),
  float('Asin'),
  float('Asinh'),
  float('Atan'),
  float('Atanh'),
  float('Ceil'),
  float('Cos'),
  float('Cosh'),
  float('Elu'),
  float('Erf'),
  float('Exp'),
  float('Floor'),
  float('Log'),
  float('Reciprocal'),
  float('Round'),
  float('Selu'),
  float('Sigmoid'),
  float('Sin'),
  float('Sinh'),
  float('Softplus'),
  float('Sqrt'),
  float('Tan'),
  float('Tanh'),
  composed('Expm1', (x) => same('Sub', [same('Exp', [x], x), scalar(1)], x)),
  composed('Log1p', (x) => same('Log', [same('Add', [x, scalar(1)], x)], x)),
  composed('Rsqrt', (x) => same('Reciprocal', [same('Sqrt', [x], x)], x)),
  composed('Relu6', (x) => same('Clip', [x, scalar(0), scalar(6)], x)),
  composed('Sign', (x) => {
    const positive = toFloat(test('Greater', [x, scalar(0)], x));
    return same('Sub', [positive, toFloat(test('Less', [x, scalar(0)], x))], x);
  }),
  composed('IsNan', (x) => test('IsNaN', [x], x)),
  composed('IsInf', (x) => test('IsInf', [x], x)),
  composed('IsFinite', (x) => {
    const wrong = test('Or', [test('IsNaN', [x], x), test('IsInf', [x], x)], x);
    return test('Not', [wrong], x);
  }),
  // These four keep int32.
  ...['Abs', 'Neg', 'Relu'].map((name) =>
    defineKernel(name, ({ value }) => {
      const x = value('x');
      if (x.type === 'bool') return null;
      return name === 'Relu' && x.type === 'int32' ? null : same(name, [x], x);
    }),
  ),
  defineKernel('Square', ({ value }) => {
    const x = value('x');
    return x.type === 'bool' ? null : same('Mul', [x, x], x);
  }),
  defineKernel<{ alpha: number }>('LeakyRelu', ({ value, attrs }) => {
    const x = value('x');
    if (x.type !== 'float32') return null;
    return emit('LeakyRelu', [x], x.shape, { attributes: { alpha: { float: attrs.alpha } } });
  }),
  defineKernel<{ alpha: number }>('Step', ({ value, attrs }) => {
    const x = value('x');
    return x.type === 'float32' ? step(x, attrs.alpha) : null;
  }),
  defineKernel<{ clipValueMin: number; clipValueMax: number }>('ClipByValue', ({ value, attrs }) => {
    const x = value('x');
    if (x.type !== 'float32' || attrs.clipValueMin > attrs.clipValueMax) return null;
    return same('Clip', [x, scalar(attrs.clipValueMin), scalar(attrs.clipValueMax)], x);
  }),
  defineKernel('LogicalNot', ({ value }) => {
    const x = value('x');
    return x.type === 'bool' ? test('Not', [x], x) : null;
  }),
];
