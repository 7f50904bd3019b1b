/** Means with deviations: over the last epochs of a training, and over seeds. */
import { CoreError } from '../errors.ts';

export interface Aggregate {
  readonly mean: number;
  /** Sample standard deviation (divisor n - 1); null for a single value, which has none. */
  readonly deviation: number | null;
  readonly count: number;
}

/** Throws `evaluation/length` for no values and `evaluation/not-a-number`. */
export function aggregate(values: ArrayLike<number>): Aggregate {
  const count = values.length;
  if (count === 0) {
    throw new CoreError('evaluation/length', 'There are no values to take a mean of. Give at least one.');
  }
  let sum = 0;
  for (let i = 0; i < count; i++) {
    const value = values[i] ?? NaN;
    if (Number.isNaN(value)) {
      throw new CoreError('evaluation/not-a-number', `Value ${i} is not a number. Leave such values out.`);
    }
    sum += value;
  }
  const mean = sum / count;
  if (count === 1) return { mean, deviation: null, count };
  let squares = 0;
  for (let i = 0; i < count; i++) squares += ((values[i] ?? NaN) - mean) ** 2;
  return { mean, deviation: Math.sqrt(squares / (count - 1)), count };
}

/** Of the last `epochs` values of one figure by epoch; of all where there are fewer. Throws `evaluation/epochs` for less than one epoch. */
export function aggregateLast(byEpoch: readonly number[], epochs: number): Aggregate {
  if (!Number.isInteger(epochs) || epochs < 1) {
    throw new CoreError('evaluation/epochs', `The mean over the last ${epochs} epochs was asked for. Give 1 or more.`);
  }
  return aggregate(byEpoch.slice(-epochs));
}

/** Element by element over several arrays of one length: for example the energies of the same images at several epochs. */
export function meanOfArrays(arrays: readonly ArrayLike<number>[]): Float64Array {
  const [first] = arrays;
  if (first === undefined) {
    throw new CoreError('evaluation/length', 'There are no arrays to take a mean of. Give at least one.');
  }
  const mean = new Float64Array(first.length);
  for (const array of arrays) {
    if (array.length !== first.length) {
      const text = `The arrays have ${first.length} and ${array.length} values.`;
      throw new CoreError('evaluation/length', `${text} Give arrays of one length.`);
    }
    for (let i = 0; i < mean.length; i++) mean[i] = (mean[i] ?? 0) + (array[i] ?? NaN) / arrays.length;
  }
  return mean;
}
