import { describe, expect, it } from 'vitest';
import { symmetricEigen } from '../../../core/evaluation/eigen.ts';
import {
  frechetDistance,
  momentsOf,
  MomentAccumulator,
  type FeatureMoments,
} from '../../../core/evaluation/frechet.ts';
import { Random } from '../../../core/random.ts';

function gaussian(mean: readonly number[], covariance: readonly number[]): FeatureMoments {
  return { count: 100, mean: Float64Array.from(mean), covariance: Float64Array.from(covariance) };
}

type Matrix = number[][];
const multiply = (a: Matrix, b: Matrix): Matrix =>
  a.map((row) => (b[0] ?? []).map((_, j) => row.reduce((sum, value, k) => sum + value * (b[k]?.[j] ?? 0), 0)));

/** Gauss and Jordan. */
function inverse(matrix: Matrix): Matrix {
  const n = matrix.length;
  const rows = matrix.map((row, i) => [...row, ...Array.from({ length: n }, (_, j) => Number(i === j))]);
  for (let i = 0; i < n; i++) {
    const best = rows
      .slice(i)
      .reduce((most, row, k) => (Math.abs(row[i] ?? 0) > Math.abs(rows[most]?.[i] ?? 0) ? i + k : most), i);
    [rows[i], rows[best]] = [rows[best] ?? [], rows[i] ?? []];
    const pivot = rows[i]?.[i] ?? NaN;
    rows[i] = (rows[i] ?? []).map((value) => value / pivot);
    rows.forEach((row, k) => {
      const factor = row[i] ?? 0;
      if (k !== i) rows[k] = row.map((value, j) => value - factor * (rows[i]?.[j] ?? 0));
    });
  }
  return rows.map((row) => row.slice(n));
}

/** The root of a matrix that need not be symmetric by Denman and Beavers' iteration: nothing in common with eigenvalues. */
function denmanBeavers(matrix: Matrix): Matrix {
  let y = matrix;
  let z: Matrix = matrix.map((row, i) => row.map((_, j) => Number(i === j)));
  for (let round = 0; round < 40; round++) {
    const [yi, zi] = [inverse(y), inverse(z)];
    const next = y.map((row, i) => row.map((value, j) => (value + (zi[i]?.[j] ?? 0)) / 2));
    z = z.map((row, i) => row.map((value, j) => (value + (yi[i]?.[j] ?? 0)) / 2));
    y = next;
  }
  return y;
}

function randomCovariance(n: number, vectors: number, seed: number): Float64Array {
  return momentsOf(Random.seeded(seed).normals(n * vectors), n).covariance;
}

describe('symmetricEigen', () => {
  it('finds known eigenvalues', () => {
    const values = (matrix: number[], n: number): number[] =>
      [...symmetricEigen(matrix, n, false).values].sort((a, b) => a - b);
    expect(values([5], 1)).toEqual([5]);
    expect(values([0, 1, 1, 0], 2)).toEqual([expect.closeTo(-1, 12), expect.closeTo(1, 12)]);
    // The second difference: 2 - 2 cos(k pi / 4).
    expect(values([2, -1, 0, -1, 2, -1, 0, -1, 2], 3)).toEqual([
      expect.closeTo(2 - Math.SQRT2, 12),
      expect.closeTo(2, 12),
      expect.closeTo(2 + Math.SQRT2, 12),
    ]);
    expect(values([3, 0, 0, 0, 1, 0, 0, 0, 2], 3)).toEqual([1, 2, 3]);
  });

  it.each([2, 3, 17, 60])('gives orthonormal vectors that put the matrix together again, n = %i', (n) => {
    const random = Random.seeded(n);
    const matrix = new Float64Array(n * n);
    for (let i = 0; i < n; i++) for (let j = 0; j <= i; j++) matrix[i * n + j] = matrix[j * n + i] = random.normal();
    const { values, vectors } = symmetricEigen(matrix, n, true);
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) {
        let again = 0;
        let dot = 0;
        for (let k = 0; k < n; k++) {
          again += (values[k] ?? NaN) * (vectors?.[k]?.[i] ?? NaN) * (vectors?.[k]?.[j] ?? NaN);
          dot += (vectors?.[i]?.[k] ?? NaN) * (vectors?.[j]?.[k] ?? NaN);
        }
        expect(again).toBeCloseTo(matrix[i * n + j] ?? NaN, 10);
        expect(dot).toBeCloseTo(Number(i === j), 10);
      }
    }
  });

  it('finds the zeros of a matrix that is mostly zero', () => {
    // 60 features of 12 vectors, a third of them always 0.
    const features = Random.seeded(5)
      .normals(60 * 12)
      .map((value, i) => (i % 3 === 0 ? 0 : 1e-3 * value));
    const { values } = symmetricEigen(momentsOf(features, 60).covariance, 60, true);
    expect(values.filter((value) => value > 1e-9)).toHaveLength(11);
  });

  it('refuses what has no eigenvalues', () => {
    expect(() => symmetricEigen([1, NaN, NaN, 1], 2, true)).toThrow('not finite');
    expect(() => symmetricEigen([Infinity], 1, true)).toThrow('not finite');
    expect(() => symmetricEigen([1, 2, 3], 2, true)).toThrow('square');
  });
});

describe('frechetDistance', () => {
  it('is (m1 - m2)^2 + (s1 - s2)^2 in one dimension', () => {
    expect(frechetDistance(gaussian([1], [4]), gaussian([4], [25]))).toBeCloseTo(9 + 9, 10);
  });

  it('adds up over independent dimensions', () => {
    const a = gaussian([0, 1, 2], [1, 0, 0, 0, 4, 0, 0, 0, 9]);
    const b = gaussian([0, 0, 0], [4, 0, 0, 0, 1, 0, 0, 0, 9]);
    expect(frechetDistance(a, b)).toBeCloseTo(1 + 4 + 1 + 1, 10);
  });

  it('is right for two planar Gaussians that do not commute', () => {
    // tr (S1 S2)^(1/2) = sqrt(tr S1 S2 + 2 sqrt(det S1 det S2)) in the plane.
    const [s1, s2]: [number[], number[]] = [
      [2, 1, 1, 3],
      [5, -2, -2, 1],
    ];
    const trace = 2 * 5 + 1 * -2 + 1 * -2 + 3 * 1;
    const root = Math.sqrt(trace + 2 * Math.sqrt(5 * 1));
    expect(frechetDistance(gaussian([1, 0], s1), gaussian([0, 2], s2))).toBeCloseTo(5 + 5 + 6 - 2 * root, 10);
  });

  it('agrees with another way to the root of a matrix', () => {
    const n = 24;
    const [a, b] = [randomCovariance(n, 80, 1), randomCovariance(n, 60, 2)];
    const rows = (values: Float64Array): Matrix =>
      Array.from({ length: n }, (_, i) => [...values.subarray(i * n, (i + 1) * n)]);
    const root = denmanBeavers(multiply(rows(a), rows(b)));
    const trace = (matrix: Matrix): number => matrix.reduce((sum, row, i) => sum + (row[i] ?? NaN), 0);
    const expected = trace(rows(a)) + trace(rows(b)) - 2 * trace(root);
    const zero = new Array<number>(n).fill(0);
    expect(frechetDistance(gaussian(zero, [...a]), gaussian(zero, [...b]))).toBeCloseTo(expected, 8);
  });

  it('is zero for equal moments and the same both ways round, also with fewer vectors than features', () => {
    const [a, b] = [momentsOf(Random.seeded(3).normals(30 * 12), 30), momentsOf(Random.seeded(4).normals(30 * 9), 30)];
    expect(frechetDistance(a, a)).toBeCloseTo(0, 6);
    expect(frechetDistance(a, b)).toBeCloseTo(frechetDistance(b, a), 6);
    expect(frechetDistance(a, b)).toBeGreaterThan(1);
  });

  it('refuses features of different extractors and matrices that are no covariances', () => {
    expect(() => frechetDistance(gaussian([1], [1]), gaussian([1, 2], [1, 0, 0, 1]))).toThrow('1 and 2 features');
    expect(() => frechetDistance(gaussian([1, 1], [1, 0, 0, -1]), gaussian([1, 2], [1, 0, 0, 1]))).toThrow(
      'no covariance',
    );
  });
});

describe('moments', () => {
  it('are mean and covariance, by hand, however they come', () => {
    const moments = new MomentAccumulator(2);
    moments.add([1, 10, 3, 10]);
    moments.add([5, 40]);
    expect(moments.moments()).toEqual({
      count: 3,
      mean: Float64Array.of(3, 20),
      covariance: Float64Array.of(4, 30, 30, 300),
    });
  });

  it('do not cancel far from zero', () => {
    expect(momentsOf([1e9, 1e9 + 1, 1e9 + 2], 1).covariance[0]).toBe(1);
  });

  it('refuse single images, halves of vectors and NaN', () => {
    expect(() => momentsOf([1, 2], 2)).toThrow('at least two');
    expect(() => momentsOf([1, 2, 3], 2)).toThrow('whole vectors');
    expect(() => momentsOf([1, NaN], 1)).toThrow('not a finite');
  });
});
