import { describe, expect, it } from 'vitest';
import { gather } from '../../../../core/backends/onnx/compile.ts';
import { emit, integers, leaf, scalar, where } from '../../../../core/backends/onnx/graph.ts';
import type { Value } from '../../../../core/backends/onnx/graph.ts';
import { hostTensor } from '../../../../core/backends/onnx/session.ts';
import { simplify } from '../../../../core/backends/onnx/simplify.ts';

const none: ReadonlySet<Value> = new Set();
const image = (): Value => leaf([2, 3], 'float32', null);
/** A number as TensorFlow.js makes one from code: a tensor of its own. */
const number = (value: number): Value => leaf([], 'float32', hostTensor('float32', Float32Array.of(value), []));
const operators = (outputs: readonly Value[]): string[] => gather(outputs).nodes.map(({ operator }) => operator);

describe('simplify', () => {
  it('makes equal nodes one, numbers with the same value included', () => {
    const x = image();
    const [a, b] = [0, 1].map(() => emit('Exp', [emit('Mul', [x, number(2)], x.shape)], x.shape)) as [Value, Value];
    const [first, second] = simplify([a, b], none);
    expect(first).toBe(second);
    expect(operators([first as Value])).toEqual(['Mul', 'Exp']);
  });

  it('takes no variable for a number', () => {
    const [x, u, v] = [image(), number(2), number(2)];
    const outputs = [u, v].map((factor) => emit('Mul', [x, factor], x.shape));
    const [first, second] = simplify(outputs, new Set([u, v]));
    expect(first).not.toBe(second);
    expect(gather([first as Value]).leaves).toContain(u);
  });

  it('sees through views and transpositions that cancel', () => {
    const x = image();
    const flat = emit('Reshape', [x, integers([6])], [6]);
    const there = emit('Transpose', [emit('Reshape', [flat, integers([2, 3])], [2, 3])], [3, 2], {
      attributes: { perm: [1, 0] },
    });
    const back = emit('Transpose', [there], [2, 3], { attributes: { perm: [1, 0] } });
    expect(simplify([back], none)).toEqual([x]);
  });

  it('gives leaky masks without choosing, for that very pattern only', () => {
    const [x, dy, other] = [image(), image(), image()];
    const condition = emit('Greater', [x, number(0)], x.shape, { type: 'bool' });
    const slope = (no: Value): Value => where(condition, dy, emit('Mul', [no, number(0.2)], x.shape), x.shape);
    expect(operators(simplify([slope(dy)], none))).toEqual(['Mul', 'Clip', 'Mul']);
    expect(operators(simplify([slope(other)], none))).toContain('Where');
  });

  it('clips a multiple to [0, 1] in one node', () => {
    const x = image();
    const lifted = emit('Mul', [x, number(1e30)], x.shape);
    expect(operators(simplify([emit('Clip', [lifted, scalar(0), scalar(1)], x.shape)], none))).toEqual(['HardSigmoid']);
  });

  it('keeps shapes where it computes on flat arrays', () => {
    const column = leaf([4, 5, 1], 'float32', null);
    const sum = emit('ReduceSum', [column, integers([0, 1])], [1, 1, 1], { attributes: { keepdims: 1 } });
    const product = emit('Mul', [column, leaf([1], 'float32', null)], [4, 5, 1]);
    const shapes = simplify([sum, product], none).map(({ shape }) => shape);
    expect(shapes).toEqual([
      [1, 1, 1],
      [4, 5, 1],
    ]);
  });
});
