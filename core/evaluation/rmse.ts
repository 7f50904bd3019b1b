/** Root mean square difference of two arrays of the same length. */
import { CoreError } from '../errors.ts';

/** In the arrays' own unit. Throws `evaluation/length` for other lengths or none, `evaluation/not-a-number`. */
export function rmse(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length || actual.length === 0) {
    const text = `Got ${actual.length} and ${expected.length} values. Give two arrays of the same length, not empty.`;
    throw new CoreError('evaluation/length', text);
  }
  let sum = 0;
  for (let i = 0; i < actual.length; i++) sum += ((actual[i] ?? NaN) - (expected[i] ?? NaN)) ** 2;
  if (Number.isNaN(sum)) {
    throw new CoreError('evaluation/not-a-number', 'A value is not a number. Compare finite values only.');
  }
  return Math.sqrt(sum / actual.length);
}
