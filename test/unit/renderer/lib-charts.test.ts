import { describe, expect, it } from 'vitest';
import { decimate, extent, nearestPoint, smooth, toCsv, type Points } from '../../../renderer/lib/charts.ts';
import { bars, binsCsv } from '../../../renderer/lib/histogram.ts';
import { logAxis } from '../../../renderer/lib/log-axis.ts';
import { niceTicks } from '../../../renderer/lib/ticks.ts';

const line = (count: number, y: (x: number) => number | null): Points =>
  Array.from({ length: count }, (_, x) => [x, y(x)] as const);

describe('thinning', () => {
  it('keeps a single spike among 100,000 points', () => {
    const points = line(100_000, (x) => (x === 54_321 ? 99 : 0));
    const kept = decimate(points, { from: 0, to: 99_999 }, 300);
    expect(kept.length).toBeLessThanOrEqual(5 * 301);
    expect(kept).toContainEqual([54_321, 99]);
    expect(kept.at(0)).toEqual([0, 0]);
    expect(kept.at(-1)).toEqual([99_999, 0]);
  });

  it('keeps x ascending, and a gap', () => {
    const kept = decimate(
      line(50_000, (x) => (x === 20_000 ? null : Math.sin(x))),
      { from: 0, to: 49_999 },
      100,
    );
    expect(kept.every(([x], at) => at === 0 || x > (kept[at - 1]?.[0] ?? 0))).toBe(true);
    expect(kept).toContainEqual([20_000, null]);
  });

  it('gives few points as they are, with a neighbour on each side of the range', () => {
    const kept = decimate(
      line(20, (x) => x),
      { from: 5, to: 8 },
      100,
    );
    expect(kept.map(([x]) => x)).toEqual([4, 5, 6, 7, 8, 9]);
  });
});

describe('smoothing', () => {
  it('leaves a constant line alone from its first point on', () => {
    for (const [, y] of smooth(
      line(50, () => 3),
      10,
    ))
      expect(y).toBeCloseTo(3, 10);
  });

  it('goes half of the way to a new level in one half-life', () => {
    const points = line(20_010, (x) => (x < 20_000 ? 0 : 1));
    const [, y] = smooth(points, 10).at(-1) ?? [0, null];
    expect(y).toBeCloseTo(0.5, 6);
  });

  it('counts by steps, not by points, and keeps gaps', () => {
    const sparse = smooth(
      [
        [0, 0],
        [1000, 0],
        [1010, 1],
        [1020, null],
      ],
      10,
    );
    expect(sparse[2]?.[1]).toBeCloseTo(0.5, 6);
    expect(sparse[3]).toEqual([1020, null]);
  });
});

describe('reading', () => {
  const points = [
    [1, 5],
    [4, null],
    [10, 7],
  ] as const;

  it('finds the nearest point', () => {
    expect(nearestPoint(points, 2.4)?.[0]).toBe(1);
    expect(nearestPoint(points, 8)?.[0]).toBe(10);
    expect(nearestPoint([], 3)).toBeUndefined();
    expect(extent([{ name: 'a', points }])).toEqual({ from: 1, to: 10 });
    expect(extent([{ name: 'a', points: [] }])).toBeNull();
  });

  it('writes every x once, empty where a series has no value', () => {
    const csv = toCsv('Step', [
      { name: 'a, b', points },
      { name: 'c', points: [[4, 2]] },
    ]);
    expect(csv).toBe('Step,"a, b",c\n1,5,\n4,,2\n10,7,\n');
  });
});

describe('axes', () => {
  it('puts round numbers at ticks, all within the range', () => {
    expect(niceTicks(1, 206, 5)).toEqual([50, 100, 150, 200]);
    expect(niceTicks(-0.3, 0.31, 6)).toEqual([-0.2, 0, 0.2]);
    expect(niceTicks(5, 5, 4)).toEqual([5]);
  });

  it('is the plain logarithm of positive values', () => {
    const axis = logAxis(0.01, 1000);
    expect(axis.forward(100)).toBeCloseTo(2, 12);
    expect(axis.ticks(-2, 3)).toEqual([0.01, 0.1, 1, 10, 100, 1000]);
  });

  it('keeps order and sign of energies on both sides of zero, and reads back', () => {
    const axis = logAxis(-120, 30);
    const values = [-120, -1, -0.001, 0, 0.001, 1, 30];
    const positions = values.map(axis.forward);
    expect(positions).toEqual([...positions].sort((a, b) => a - b));
    values.forEach((value, at) => expect(axis.backward(positions[at] ?? NaN)).toBeCloseTo(value, 8));
    expect(axis.ticks(-6, 6)).toContain(0);
  });
});

describe('histogram', () => {
  it('closes the outline of each group of bars', () => {
    const path = bars(
      [1, 0, 2],
      [0, 1, 2, 3],
      (x) => x * 10,
      (count) => 100 - count,
      100,
    );
    expect(path).toBe('M0 100L0 99H10L10 100ZM20 100L20 98H30V100Z');
  });

  it('writes a row for each bin', () => {
    expect(binsCsv([0, 0.5, 1], [{ name: 'n', counts: [3, 4] }])).toBe('from,to,n\n0,0.5,3\n0.5,1,4\n');
  });
});
