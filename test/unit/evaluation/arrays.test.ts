import { describe, expect, it } from 'vitest';
import { auroc } from '../../../core/evaluation/auroc.ts';
import { bootstrapInterval } from '../../../core/evaluation/bootstrap.ts';
import { histogram } from '../../../core/evaluation/histogram.ts';
import { psnr } from '../../../core/evaluation/psnr.ts';
import { quantile } from '../../../core/evaluation/quantile.ts';
import { rmse } from '../../../core/evaluation/rmse.ts';
import { Random } from '../../../core/random.ts';

describe('rmse and psnr', () => {
  it('are right by hand', () => {
    expect(rmse([1, 2, 3, 4], [1, 2, 3, 8])).toBe(2);
    expect(psnr([0, 0], [0.2, -0.2], 2)).toBeCloseTo(20, 12);
    expect(psnr([1], [1], 2)).toBe(Infinity);
  });

  it('refuse arrays that do not fit', () => {
    expect(() => rmse([1], [1, 2])).toThrow('1 and 2 values');
    expect(() => rmse([], [])).toThrow('not empty');
    expect(() => rmse([NaN], [1])).toThrow('not a number');
  });
});

describe('quantile', () => {
  it('interpolates between order statistics, by hand', () => {
    const values = [40, 10, 30, 20];
    expect([0, 0.25, 0.5, 1].map((q) => quantile(values, q))).toEqual([10, 17.5, 25, 40]);
    expect(values).toEqual([40, 10, 30, 20]);
  });

  it('takes infinite values, refuses none, NaN and impossible shares', () => {
    expect(quantile([Infinity, Infinity, 1], 0.75)).toBe(Infinity);
    expect(() => quantile([], 0.5)).toThrow('no values');
    expect(() => quantile([NaN, 1], 0.5)).toThrow('not a number');
    expect(() => quantile([1], 1.5)).toThrow('between 0 and 1');
  });
});

describe('histogram', () => {
  it('puts borders into the bin above, the largest into the last', () => {
    expect(histogram([0, 1, 1.5, 2, 4], { bins: 4 })).toEqual({
      edges: [0, 1, 2, 3, 4],
      counts: [1, 2, 1, 1],
      outside: 0,
    });
  });

  it('counts what lies outside a given range or is not finite', () => {
    expect(histogram([-1, 0.5, 3, NaN, Infinity], { bins: 1, range: [0, 1] })).toEqual({
      edges: [0, 1],
      counts: [1],
      outside: 4,
    });
  });

  it('has a range for equal values and for none', () => {
    expect(histogram([2, 2], { bins: 2 }).counts).toEqual([0, 2]);
    expect(histogram([], { bins: 2 })).toEqual({ edges: [0, 0.5, 1], counts: [0, 0], outside: 0 });
    expect(() => histogram([1], { bins: 0 })).toThrow('at least one bin');
  });
});

describe('bootstrapInterval', () => {
  const random = Random.seeded(5);
  const labels = Array.from({ length: 300 }, (_, i) => (i % 3 === 0 ? 1 : 0));
  const scores = labels.map((label) => random.normal() + label);
  const interval = (seed: number) =>
    bootstrapInterval({ metric: auroc, scores, labels, random: Random.seeded(seed), samples: 300 });

  it('holds the value and has about the width that theory gives', () => {
    const { value, low, high } = interval(1);
    expect(value).toBe(auroc(scores, labels));
    expect(low).toBeLessThan(value);
    expect(high).toBeGreaterThan(value);
    // Hanley and McNeil 1982: standard error of an AUROC of .76 with 100 and 200 cases is about .030.
    expect((high - low) / (2 * 1.96)).toBeGreaterThan(0.022);
    expect((high - low) / (2 * 1.96)).toBeLessThan(0.04);
  });

  it('is a function of the seed', () => {
    expect(interval(1)).toEqual(interval(1));
    expect(interval(1)).not.toEqual(interval(2));
  });

  it('keeps both classes in every resample', () => {
    const request = { metric: auroc, scores: [1, 2, 3], labels: [0, 1, 0], random: Random.seeded(1) };
    expect(() => bootstrapInterval(request)).not.toThrow();
    expect(() => bootstrapInterval({ ...request, confidence: 1 })).toThrow('between 0 and 1');
  });
});
