import { describe, expect, it } from 'vitest';
import { Random } from '../../../core/random.ts';
import { labelOf, thresholdByBestF1, thresholdByHand, thresholdFromNormals } from '../../../core/scoring/threshold.ts';

const hundredless = Array.from({ length: 99 }, (_, i) => i + 1);

describe('thresholdFromNormals', () => {
  it('is the k-th smallest of n, k = ceil((n + 1)(1 - rate))', () => {
    expect(thresholdFromNormals(hundredless, 0.1)).toMatchObject({ value: 90, weak: false });
    expect(thresholdFromNormals(hundredless, 0.01)).toMatchObject({ value: 99, weak: false });
    expect(thresholdFromNormals(hundredless, 0.5)).toMatchObject({ value: 50 });
  });

  it('says so when there are too few normals for the rate', () => {
    const threshold = thresholdFromNormals(hundredless, 0.005);
    expect(threshold).toMatchObject({ value: 99, weak: true });
    expect(threshold.explanation).toContain('the smallest is 0.010');
    expect(threshold.explanation).toContain('at least 199');
  });

  it('keeps its promise on new images from the same source', () => {
    const random = Random.seeded(3);
    let alarms = 0;
    const trials = 4000;
    for (let trial = 0; trial < trials; trial++) {
      const threshold = thresholdFromNormals(random.normals(39), 0.1);
      alarms += labelOf(random.normal(), threshold);
    }
    expect(alarms / trials).toBeGreaterThan(0.085);
    expect(alarms / trials).toBeLessThan(0.115);
  });

  it('promises nothing from images that were trained on', () => {
    const threshold = thresholdFromNormals(hundredless, 0.1, true);
    expect(threshold).toMatchObject({ value: 90, weak: true });
    expect(threshold.explanation).toContain('expect more false alarms');
  });

  it('refuses rates that are none and normals that are none', () => {
    expect(() => thresholdFromNormals([1], 0)).toThrow('between 0 and 1');
    expect(() => thresholdFromNormals([1], 1)).toThrow('between 0 and 1');
    expect(() => thresholdFromNormals([], 0.1)).toThrow('no held-out normal images');
  });

  it('is not moved by scores that are not numbers', () => {
    expect(thresholdFromNormals([...hundredless, Number.NaN], 0.1).value).toBe(90);
  });
});

describe('thresholdByBestF1', () => {
  it('separates what can be separated', () => {
    const scores = [1, 2, 3, 10, 11];
    const threshold = thresholdByBestF1(scores, [0, 0, 0, 1, 1]);
    expect(scores.map((score) => labelOf(score, threshold))).toEqual([0, 0, 0, 1, 1]);
    expect(threshold.value).toBe(6.5);
  });

  it('labels as F1 counted, also at the lowest score', () => {
    const scores = [5, 5, 5];
    const threshold = thresholdByBestF1(scores, [0, 1, 1]);
    expect(scores.map((score) => labelOf(score, threshold))).toEqual([1, 1, 1]);
  });
});

describe('thresholdByHand', () => {
  it('takes any finite number and only those', () => {
    expect(labelOf(2, thresholdByHand(2))).toBe(0);
    expect(labelOf(2.1, thresholdByHand(2))).toBe(1);
    expect(() => thresholdByHand(Number.NaN)).toThrow('finite');
  });
});
