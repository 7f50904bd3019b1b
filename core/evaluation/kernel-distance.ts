/** Kernel distance of two sets of features: unbiased squared MMD with a cubic kernel (Bińkowski et al. 2018, "Demystifying MMD GANs", section 4: KID). */
import { CoreError } from '../errors.ts';
import type { Random } from '../random.ts';
import { aggregate, type Aggregate } from './aggregate.ts';

export interface KernelDistanceOptions {
  /** Features of a vector. */
  readonly size: number;
  readonly random: Random;
  /** Subsets that are compared; the paper has 100. */
  readonly subsets?: number;
  /** Vectors of a subset, fewer where a set has fewer; the paper has 1,000. */
  readonly subsetSize?: number;
}

/** k(x, y) = (x'y / n + 1)^3 */
function kernel(a: ArrayLike<number>, i: number, b: ArrayLike<number>, j: number, n: number): number {
  let dot = 0;
  for (let k = 0; k < n; k++) dot += (a[i * n + k] as number) * (b[j * n + k] as number);
  return (dot / n + 1) ** 3;
}

/** Of the chosen vectors; may be negative, as an unbiased estimate of zero must be. */
function squaredMmd(
  a: ArrayLike<number>,
  b: ArrayLike<number>,
  chosen: readonly [Int32Array, Int32Array],
  n: number,
): number {
  const [left, right] = chosen;
  const m = left.length;
  let within = 0;
  let between = 0;
  for (let i = 0; i < m; i++) {
    const [p, q] = [left[i] as number, right[i] as number];
    // Each pair once: the kernel is symmetric, and a vector's kernel with itself is left out.
    for (let j = 0; j < i; j++)
      within += kernel(a, p, a, left[j] as number, n) + kernel(b, q, b, right[j] as number, n);
    for (let j = 0; j < m; j++) between += kernel(a, p, b, right[j] as number, n);
  }
  return (2 * within) / (m * (m - 1)) - (2 * between) / (m * m);
}

/**
 * Mean and deviation over random subsets of features `a` and `b`, [count, size] each, drawn without repetition within a subset. Throws
 * `evaluation/length` for sets that are no whole vectors or have fewer than two, `evaluation/not-a-number`.
 */
export function kernelDistance(a: ArrayLike<number>, b: ArrayLike<number>, options: KernelDistanceOptions): Aggregate {
  const { size, random, subsets = 100, subsetSize = 1000 } = options;
  const counts = [a.length / size, b.length / size] as const;
  const m = Math.min(subsetSize, ...counts);
  if (!counts.every(Number.isInteger) || m < 2 || subsets < 1) {
    const text = `Got ${a.length} and ${b.length} feature values for vectors of ${size}, in ${subsets} subsets of ${subsetSize}.`;
    throw new CoreError('evaluation/length', `${text} Give at least two whole vectors of each set and one subset.`);
  }
  const choose = (count: number): Int32Array =>
    random.shuffle(Int32Array.from({ length: count }, (_, i) => i)).slice(0, m);
  return aggregate(
    Array.from({ length: subsets }, () => squaredMmd(a, b, [choose(counts[0]), choose(counts[1])], size)),
  );
}
