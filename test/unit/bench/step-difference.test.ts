import { describe, expect, it } from 'vitest';
import { differenceOf } from '../../../bench/step-difference.ts';

const of = (...values: number[]): Float32Array => Float32Array.from(values);

describe('differenceOf', () => {
  const start = { 'a/kernel': of(0, 0), 'a/bias': of(1), 'b/kernel': of(2) };
  const reference = { 'a/kernel': of(3, 4), 'a/bias': of(1), 'b/kernel': of(4) };

  it('takes norms of the networks and of their worst tensors', () => {
    const weights = { 'a/kernel': of(3, 4.5), 'a/bias': of(1), 'b/kernel': of(4) };
    const { largest, worst, differing, networks } = differenceOf(weights, reference, start, 0.1);
    expect([largest, worst, differing]).toEqual([0.5, 'a/kernel', 1 / 4]);
    const [a, b] = networks;
    expect(a?.network).toBe('a');
    expect(a?.ofWeights).toBeCloseTo(0.5 / Math.sqrt(26), 6);
    expect(a?.ofUpdate).toBeCloseTo(0.1, 6);
    expect(a?.worstOfWeights).toBeCloseTo(0.1, 6);
    expect(b).toMatchObject({ network: 'b', ofWeights: 0, ofUpdate: 0, worstOfWeights: 0, worstOfUpdate: 0 });
  });

  it('is not a number where a value is none or missing', () => {
    for (const weights of [
      { ...reference, 'b/kernel': of(Number.NaN) },
      { ...reference, 'c/kernel': of(1) },
    ]) {
      expect(differenceOf(weights, reference, start, 0.1).largest).toBeNaN();
      expect(differenceOf(weights, reference, start, 0.1).differing).toBe(
        1 / Object.values(weights).flatMap((one) => [...one]).length,
      );
    }
  });
});
