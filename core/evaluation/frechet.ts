/**
 * Fréchet distance between two Gaussians (Dowson and Landau 1982), and between sets of images by the mean and covariance of their features
 * (Heusel et al. 2017). It is FID only with the features of that paper's Inception-v3; with any others it needs another name.
 */
import { CoreError } from '../errors.ts';
import { symmetricEigen } from './eigen.ts';

export interface FeatureMoments {
  readonly count: number;
  /** [n] */
  readonly mean: Float64Array;
  /** [n, n] row-major, divisor count - 1. */
  readonly covariance: Float64Array;
}

/** Mean and covariance of features as they come, without keeping them. */
export class MomentAccumulator {
  readonly #size: number;
  /** Of the first vector: products of differences from it do not cancel as products of large numbers do. */
  #origin: Float64Array | null = null;
  readonly #sum: Float64Array;
  /** Upper triangle. */
  readonly #products: Float64Array;
  readonly #difference: Float64Array;
  #count = 0;

  constructor(size: number) {
    this.#size = size;
    this.#sum = new Float64Array(size);
    this.#products = new Float64Array(size * size);
    this.#difference = new Float64Array(size);
  }

  /** `features` [count, n]. Throws `evaluation/length` and `evaluation/not-a-number`. */
  add(features: ArrayLike<number>): void {
    const n = this.#size;
    if (features.length % n !== 0) {
      const text = `Got ${features.length} feature values, which are no whole vectors of ${n}.`;
      throw new CoreError('evaluation/length', `${text} Give whole vectors.`);
    }
    const difference = this.#difference;
    const products = this.#products;
    for (let start = 0; start < features.length; start += n) {
      this.#origin ??= Float64Array.from({ length: n }, (_, i) => features[start + i] ?? NaN);
      for (let i = 0; i < n; i++) {
        const value = (features[start + i] as number) - (this.#origin[i] as number);
        if (!Number.isFinite(value)) {
          const text = `Feature ${i} of vector ${this.#count} is not a finite number.`;
          throw new CoreError('evaluation/not-a-number', `${text} Leave such images out.`);
        }
        difference[i] = value;
        this.#sum[i] = (this.#sum[i] as number) + value;
      }
      for (let i = 0; i < n; i++) {
        const value = difference[i] as number;
        if (value === 0) continue;
        for (let j = i; j < n; j++)
          products[i * n + j] = (products[i * n + j] as number) + value * (difference[j] as number);
      }
      this.#count++;
    }
  }

  /** Throws `evaluation/length` for fewer than two vectors, which have no covariance. */
  moments(): FeatureMoments {
    const [n, count] = [this.#size, this.#count];
    if (count < 2 || this.#origin === null) {
      throw new CoreError('evaluation/length', `${count} images have no covariance. Give at least two.`);
    }
    const origin = this.#origin;
    const mean = this.#sum.map((sum, i) => (origin[i] ?? NaN) + sum / count);
    const covariance = new Float64Array(n * n);
    for (let i = 0; i < n; i++) {
      for (let j = i; j < n; j++) {
        const centred =
          (this.#products[i * n + j] as number) - ((this.#sum[i] as number) * (this.#sum[j] as number)) / count;
        covariance[i * n + j] = covariance[j * n + i] = centred / (count - 1);
      }
    }
    return { count, mean, covariance };
  }
}

/** Moments of features [count, size]. */
export function momentsOf(features: ArrayLike<number>, size: number): FeatureMoments {
  const accumulator = new MomentAccumulator(size);
  accumulator.add(features);
  return accumulator.moments();
}

/**
 * |m1 - m2|^2 + tr(S1 + S2 - 2 (S1 S2)^(1/2)), at least 0. The trace of the root is the sum of the roots of the eigenvalues of
 * L^(1/2) V' S2 V L^(1/2) with S1 = V L V': symmetric, similar to S1^(1/2) S2 S1^(1/2), and real also where S1 is singular.
 * Throws `evaluation/length` for different sizes, `evaluation/covariance` for a matrix that is no covariance.
 */
export function frechetDistance(a: FeatureMoments, b: FeatureMoments): number {
  const n = a.mean.length;
  if (b.mean.length !== n || a.covariance.length !== n * n || b.covariance.length !== n * n) {
    const text = `The moments have ${n} and ${b.mean.length} features.`;
    throw new CoreError('evaluation/length', `${text} Compare features of the same extractor.`);
  }
  let distance = 0;
  for (let i = 0; i < n; i++) {
    distance += ((a.mean[i] ?? NaN) - (b.mean[i] ?? NaN)) ** 2;
    distance += (a.covariance[i * n + i] ?? NaN) + (b.covariance[i * n + i] ?? NaN);
  }
  const { values, vectors } = symmetricEigen(a.covariance, n, true);
  const roots = squareRoots(values);
  const rows = (vectors ?? []).map((vector, i) => vector.map((value) => value * (roots[i] ?? NaN)));
  const product = sandwich(rows, b.covariance, n);
  const crossed = squareRoots(symmetricEigen(product, n, false).values);
  const trace = crossed.reduce((sum, root) => sum + root, 0);
  return Math.max(0, distance - 2 * trace);
}

/** Roots of eigenvalues; what rounding made negative counts as 0. */
function squareRoots(values: Float64Array): Float64Array {
  const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return values.map((value) => {
    if (value < -1e-6 * largest) {
      const text = `A matrix has the eigenvalue ${value} and is no covariance.`;
      throw new CoreError('evaluation/covariance', `${text} Compute it from the features again.`);
    }
    return Math.sqrt(Math.max(0, value));
  });
}

/** R S R' for rows R [n][n] and a symmetric S [n, n]. */
function sandwich(rows: readonly Float64Array[], matrix: Float64Array, n: number): Float64Array {
  const result = new Float64Array(n * n);
  const through = new Float64Array(n);
  rows.forEach((row, i) => {
    through.fill(0);
    for (let k = 0; k < n; k++) {
      const factor = row[k] as number;
      if (factor === 0) continue;
      const offset = k * n;
      for (let j = 0; j < n; j++) through[j] = (through[j] as number) + factor * (matrix[offset + j] as number);
    }
    for (let j = i; j < n; j++) {
      const other = rows[j] as Float64Array;
      let sum = 0;
      for (let k = 0; k < n; k++) sum += (through[k] as number) * (other[k] as number);
      result[i * n + j] = result[j * n + i] = sum;
    }
  });
  return result;
}
