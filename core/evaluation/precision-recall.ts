/** Improved precision and recall of samples (Kynkäänniemi et al. 2019, section 3): how many look real, and how much of the real is covered. */
import { CoreError } from '../errors.ts';

export interface SamplePrecisionRecall {
  /** Share of the samples within the manifold of the real images. */
  readonly precision: number;
  /** Share of the real images within the manifold of the samples. */
  readonly recall: number;
}

/** The paper's choice. */
const defaultNeighbours = 3;

function squaredDistance(a: ArrayLike<number>, i: number, b: ArrayLike<number>, j: number, n: number): number {
  let sum = 0;
  for (let k = 0; k < n; k++) {
    const difference = (a[i * n + k] as number) - (b[j * n + k] as number);
    sum += difference * difference;
  }
  return sum;
}

/** Squared distance of each vector to its k-th nearest other one of the same set. */
function radii(features: ArrayLike<number>, count: number, size: number, k: number): Float64Array {
  // The k smallest of each vector, ascending: each pair is measured once and told to both.
  const nearest = new Float64Array(count * k).fill(Infinity);
  const tell = (i: number, distance: number): void => {
    let place = i * k + k - 1;
    if (distance >= (nearest[place] as number)) return;
    for (; place > i * k && (nearest[place - 1] as number) > distance; place--)
      nearest[place] = nearest[place - 1] as number;
    nearest[place] = distance;
  };
  for (let i = 0; i < count; i++) {
    for (let j = 0; j < i; j++) {
      const distance = squaredDistance(features, i, features, j, size);
      tell(i, distance);
      tell(j, distance);
    }
  }
  return Float64Array.from({ length: count }, (_, i) => nearest[i * k + k - 1] ?? NaN);
}

/**
 * The manifold of a set is the union of balls around its vectors, each as wide as the distance to its k-th nearest neighbour; a vector on
 * the border is inside. Features [count, size] each; equal counts make the two comparable. Throws `evaluation/length` for sets with no
 * more than k vectors, `evaluation/not-a-number`.
 */
export function samplePrecisionRecall(
  real: ArrayLike<number>,
  samples: ArrayLike<number>,
  size: number,
  neighbours = defaultNeighbours,
): SamplePrecisionRecall {
  const counts = [real.length / size, samples.length / size] as const;
  if (!counts.every((count) => Number.isInteger(count) && count > neighbours) || neighbours < 1) {
    const text = `Got ${counts[0]} real images and ${counts[1]} samples for ${neighbours} neighbours.`;
    throw new CoreError('evaluation/length', `${text} Give more images than neighbours of both.`);
  }
  for (const features of [real, samples]) {
    for (let i = 0; i < features.length; i++) {
      if (Number.isFinite(features[i])) continue;
      const text = `Feature value ${i} is not a finite number.`;
      throw new CoreError('evaluation/not-a-number', `${text} Leave such images out.`);
    }
  }
  const realRadii = radii(real, counts[0], size, neighbours);
  const sampleRadii = radii(samples, counts[1], size, neighbours);
  const covered = new Uint8Array(counts[0]);
  let inside = 0;
  for (let j = 0; j < counts[1]; j++) {
    let isReal = false;
    for (let i = 0; i < counts[0]; i++) {
      if (isReal && covered[i] === 1) continue;
      const distance = squaredDistance(real, i, samples, j, size);
      if (distance <= (realRadii[i] as number)) isReal = true;
      if (distance <= (sampleRadii[j] as number)) covered[i] = 1;
    }
    if (isReal) inside++;
  }
  return { precision: inside / counts[1], recall: covered.reduce((sum, value) => sum + value, 0) / counts[0] };
}
