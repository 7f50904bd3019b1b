/** Element-wise functions of two tensors, with broadcasting. */
import * as tf from '@tensorflow/tfjs';
import type { ElementType, Value } from '../graph.ts';
import { emit, sameShape, scalar, where } from '../graph.ts';
import type { KernelDefinition } from '../kernel.ts';
import { defineKernel } from '../kernel.ts';

/** Adds a binary node; a spread-out operand is used as it was before, since ONNX operators broadcast by themselves. */
function combine(operator: string, a: Value, b: Value, type: ElementType = a.type): Value {
  const shape = tf.broadcast_util.assertAndGetBroadcastShape([...a.shape], [...b.shape]);
  const left = sameShape(b.shape, shape) ? beforeExpand(a) : a;
  const right = left === a && sameShape(a.shape, shape) ? beforeExpand(b) : b;
  return emit(operator, [left, right], shape, { type });
}

function beforeExpand(value: Value): Value {
  return value.tensor === null && value.node?.operator === 'Expand' ? (value.node.inputs[0] ?? value) : value;
}

function arithmetic(name: string, operator: string, types: readonly ElementType[]): KernelDefinition {
  return defineKernel(name, ({ value }) => {
    const [a, b] = [value('a'), value('b')];
    return a.type === b.type && types.includes(a.type) ? combine(operator, a, b) : null;
  });
}

function comparison(name: string, operator: string): KernelDefinition {
  return defineKernel(name, ({ value }) => {
    const [a, b] = [value('a'), value('b')];
    return a.type === b.type && a.type !== 'bool' ? combine(operator, a, b, 'bool') : null;
  });
}

function logical(name: string, operator: string): KernelDefinition {
  return defineKernel(name, ({ value }) => {
    const [a, b] = [value('a'), value('b')];
    return a.type === 'bool' && b.type === 'bool' ? combine(operator, a, b) : null;
  });
}

/** ONNX Runtime's Max and Min may drop NaN; tfjs keeps it. a + b is NaN whenever either is. */
function extremum(name: string, operator: 'Greater' | 'Less'): KernelDefinition {
  return defineKernel(name, ({ value }) => {
    const [a, b] = [value('a'), value('b')];
    if (a.type !== b.type || a.type === 'bool') return null;
    const chosen = combine(operator === 'Greater' ? 'Max' : 'Min', a, b);
    if (a.type !== 'float32') return chosen;
    const isNaN = (x: Value): Value => emit('IsNaN', [x], x.shape, { type: 'bool' });
    // A constant operand is never NaN, and one guard is enough for it.
    const guardA = a.constant === null ? where(isNaN(a), a, chosen, chosen.shape) : chosen;
    return b.constant === null ? where(isNaN(b), b, guardA, chosen.shape) : guardA;
  });
}

export const kernels: readonly KernelDefinition[] = [
  arithmetic('Add', 'Add', ['float32', 'int32']),
  arithmetic('Sub', 'Sub', ['float32', 'int32']),
  arithmetic('Multiply', 'Mul', ['float32', 'int32']),
  arithmetic('RealDiv', 'Div', ['float32']),
  arithmetic('Pow', 'Pow', ['float32']),
  extremum('Maximum', 'Greater'),
  extremum('Minimum', 'Less'),
  comparison('Equal', 'Equal'),
  comparison('Greater', 'Greater'),
  comparison('GreaterEqual', 'GreaterOrEqual'),
  comparison('Less', 'Less'),
  comparison('LessEqual', 'LessOrEqual'),
  logical('LogicalAnd', 'And'),
  logical('LogicalOr', 'Or'),
  defineKernel('NotEqual', ({ value }) => {
    const [a, b] = [value('a'), value('b')];
    if (a.type !== b.type || a.type === 'bool') return null;
    const equal = combine('Equal', a, b, 'bool');
    return emit('Not', [equal], equal.shape);
  }),
  defineKernel('FloorDiv', ({ value }) => {
    const [a, b] = [value('a'), value('b')];
    if (a.type !== 'float32' || b.type !== 'float32') return null;
    const quotient = combine('Div', a, b);
    return emit('Floor', [quotient], quotient.shape);
  }),
  defineKernel('SquaredDifference', ({ value }) => {
    const [a, b] = [value('a'), value('b')];
    if (a.type !== b.type || a.type === 'bool') return null;
    const difference = combine('Sub', a, b);
    return emit('Mul', [difference, difference], difference.shape);
  }),
  defineKernel('Prelu', ({ value }) => {
    const [x, alpha] = [value('x'), value('alpha')];
    if (x.type !== 'float32' || alpha.type !== 'float32') return null;
    const positive = emit('Greater', [x, scalar(0)], x.shape, { type: 'bool' });
    return where(positive, x, combine('Mul', x, alpha), x.shape);
  }),
  defineKernel('EluGrad', ({ value }) => {
    const [dy, y] = [value('dy'), value('y')];
    if (dy.type !== 'float32') return null;
    const positive = emit('Greater', [y, scalar(0)], y.shape, { type: 'bool' });
    const slope = where(positive, scalar(1), combine('Add', y, scalar(1)), y.shape);
    return combine('Mul', dy, slope);
  }),
  defineKernel('AddN', ({ values }) => {
    const terms = values();
    const [first] = terms;
    if (first === undefined || first.type === 'bool') return null;
    // ONNX Runtime's Sum refuses int32.
    if (first.type === 'float32' && terms.length > 1) return emit('Sum', terms, first.shape);
    return terms.slice(1).reduce((sum, term) => combine('Add', sum, term), first);
  }),
];
