/** Peak signal-to-noise ratio of two images. */
import { rmse } from './rmse.ts';

/**
 * In decibels; `range` is the distance between black and white: 2 for images in [-1, 1], 255 for bytes. Infinity for equal images.
 * Errors: see {@link rmse}.
 */
export function psnr(actual: ArrayLike<number>, expected: ArrayLike<number>, range: number): number {
  return 20 * Math.log10(range / rmse(actual, expected));
}
