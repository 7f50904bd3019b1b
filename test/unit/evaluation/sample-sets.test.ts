import { describe, expect, it } from 'vitest';
import { aggregate, aggregateLast, meanOfArrays } from '../../../core/evaluation/aggregate.ts';
import { kernelDistance } from '../../../core/evaluation/kernel-distance.ts';
import { samplePrecisionRecall } from '../../../core/evaluation/precision-recall.ts';
import { Random } from '../../../core/random.ts';

describe('kernelDistance', () => {
  it('is the unbiased estimate, by hand', () => {
    // Within: k(1, 2) = 3^3 and k(0, 3) = 1; between: k(1, 0) = 1, k(1, 3) = 4^3, k(2, 0) = 1, k(2, 3) = 7^3.
    const { mean } = kernelDistance([1, 2], [0, 3], { size: 1, random: Random.seeded(1), subsets: 1 });
    expect(mean).toBeCloseTo(27 + 1 - (2 * (1 + 64 + 1 + 343)) / 4, 10);
  });

  it('is near zero, and sometimes below, for two draws of one distribution, and grows with a shift', () => {
    const draw = (seed: number, shift: number): Float32Array =>
      Random.seeded(seed)
        .normals(400 * 8)
        .map((value) => value + shift);
    const distance = (shift: number) =>
      kernelDistance(draw(1, 0), draw(2, shift), { size: 8, random: Random.seeded(3), subsets: 20, subsetSize: 100 });
    const same = distance(0);
    expect(Math.abs(same.mean)).toBeLessThan(3 * (same.deviation ?? 0));
    expect(distance(0.2).mean).toBeGreaterThan(0.05);
    expect(distance(0.4).mean).toBeGreaterThan(2 * distance(0.2).mean);
  });

  it('takes subsets no larger than the smaller set, and refuses less than two vectors', () => {
    const options = { size: 2, random: Random.seeded(1), subsets: 3 };
    expect(kernelDistance([1, 2, 3, 4], [1, 2, 3, 4, 5, 6], options).count).toBe(3);
    expect(() => kernelDistance([1, 2], [1, 2, 3, 4], options)).toThrow('at least two');
    expect(() => kernelDistance([1, 2, 3], [1, 2, 3, 4], options)).toThrow('whole vectors');
    expect(() => kernelDistance([1, NaN, 1, 1], [1, 2, 3, 4], options)).toThrow('not a number');
  });
});

describe('samplePrecisionRecall', () => {
  it('is right on a line, by hand', () => {
    // One neighbour: real balls 0±1, 1±1, 5±4; samples 0.5 ± 3, 3.5 ± 3, 20 ± 16.5.
    const { precision, recall } = samplePrecisionRecall([0, 1, 5], [0.5, 3.5, 20], 1, 1);
    expect(precision).toBeCloseTo(2 / 3, 12);
    expect(recall).toBe(1);
    // Real images that no sample is near: 100 and 101.
    expect(samplePrecisionRecall([0, 1, 100, 101], [0, 0.5, 1], 1, 1)).toEqual({ precision: 1, recall: 0.5 });
  });

  it('takes the third neighbour, oneself not counted', () => {
    // 10 has the third neighbour 7, so that its ball holds 13 and not 13.5.
    const real = [7, 8, 9, 10];
    expect(samplePrecisionRecall(real, [13, 13, 13, 13], 1).precision).toBe(1);
    expect(samplePrecisionRecall(real, [13.5, 13.5, 13.5, 13.5], 1).precision).toBe(0);
  });

  it('counts equal vectors as inside', () => {
    expect(samplePrecisionRecall([1, 1, 1, 1], [1, 1, 1, 1], 1)).toEqual({ precision: 1, recall: 1 });
  });

  it('refuses too few vectors and NaN', () => {
    expect(() => samplePrecisionRecall([1, 2, 3], [1, 2, 3, 4], 1)).toThrow('more images than neighbours');
    expect(() => samplePrecisionRecall([1, 2, 3, NaN], [1, 2, 3, 4], 1)).toThrow('not a finite');
  });
});

describe('aggregates', () => {
  it('are mean and sample deviation, by hand', () => {
    expect(aggregate([2, 4, 6])).toEqual({ mean: 4, deviation: 2, count: 3 });
    expect(aggregate([7])).toEqual({ mean: 7, deviation: null, count: 1 });
    expect(aggregate([5, 5])).toEqual({ mean: 5, deviation: 0, count: 2 });
  });

  it('look at the last epochs only', () => {
    expect(aggregateLast([100, 1, 3], 2)).toEqual({ mean: 2, deviation: Math.SQRT2, count: 2 });
    expect(aggregateLast([1, 3], 10).count).toBe(2);
    expect(() => aggregateLast([1], 0)).toThrow('1 or more');
  });

  it('average arrays image by image', () => {
    expect([...meanOfArrays([Float32Array.of(1, 5), Float32Array.of(3, 5)])]).toEqual([2, 5]);
    expect(() => meanOfArrays([[1], [1, 2]])).toThrow('1 and 2 values');
    expect(() => meanOfArrays([])).toThrow('no arrays');
  });

  it('refuse nothing and NaN', () => {
    expect(() => aggregate([])).toThrow('no values');
    expect(() => aggregate([1, NaN])).toThrow('not a number');
  });
});
