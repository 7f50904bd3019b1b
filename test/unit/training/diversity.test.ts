/** Diversity of samples by hand, and when a collapse is told. */
import { describe, expect, it } from 'vitest';
import { CollapseWatch, meanPairwiseDistance } from '../../../core/training/diversity.ts';

describe('mean pairwise distance', () => {
  it('is that of all pairs', () => {
    // (0, 0), (3, 4), (0, 4): distances 5, 4, 3.
    expect(meanPairwiseDistance([0, 0, 3, 4, 0, 4], 2)).toBeCloseTo(4, 9);
  });

  it('is zero for pictures that are all alike, and for a single one', () => {
    expect(meanPairwiseDistance([1, 2, 1, 2, 1, 2], 2)).toBe(0);
    expect(meanPairwiseDistance([1, 2], 2)).toBe(0);
  });
});

describe('collapse', () => {
  it('is told once, not at the start, and not for samples that differ', () => {
    const watch = new CollapseWatch(2000);
    expect(watch.check({ step: 300, diversity: 0.01 })).toBeNull();
    expect(watch.check({ step: 500, diversity: 0.6 })).toBeNull();
    expect(watch.check({ step: 500 })).toBeNull();
    expect(watch.check({ step: 600, diversity: 0.1 })).toMatch(/collapsed at step 600.* 0\.10 times/);
    expect(watch.check({ step: 700, diversity: 0.1 })).toBeNull();
  });
});
