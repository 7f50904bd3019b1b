/**
 * Largest local reconstruction error: the mean of |x - g(mean)|^2 / (2 sigma^2) over channels and a square window, at the window where
 * it is largest. A defect of a few pixels hardly moves the sum over a whole picture; it is the largest thing in its own window.
 */
import { pixelResiduals } from '../residuals.ts';
import type { ScoreDefinition } from '../types.ts';

/** The window's side as a part of the picture's. */
const windowsAcross = 8;

/** Side in pixels of the window in a model input of `size` pixels. */
export function windowSide(size: number): number {
  return Math.max(2, Math.round(size / windowsAcross));
}

export const score: ScoreDefinition = {
  name: 'local',
  summary: 'largest reconstruction error within a small window',
  needsEnergy: false,
  compute(evidence) {
    const { count, size, imageLength, sigma } = evidence;
    const residuals = pixelResiduals(evidence);
    const side = windowSide(size);
    const channels = imageLength / (size * size);
    // Summed-area table, its first row and column zero: any window's sum is four reads.
    const table = new Float64Array((size + 1) ** 2);
    return Float64Array.from({ length: count }, (_, i) => {
      const map = residuals.subarray(i * size * size, (i + 1) * size * size);
      return largestWindow(map, size, side, table) / (side * side * channels * 2 * sigma ** 2);
    });
  },
};

/** Largest sum over a window of `side` pixels of a map [size, size]; `table` is room for (size + 1)^2 numbers. */
function largestWindow(map: Float32Array | Float64Array, size: number, side: number, table: Float64Array): number {
  const stride = size + 1;
  let largest = 0;
  for (let y = 0; y < size; y++) {
    const above = y * stride;
    let row = 0;
    for (let x = 0; x < size; x++) {
      row += map[y * size + x] ?? 0;
      table[above + stride + x + 1] = (table[above + x + 1] ?? 0) + row;
    }
    const top = (y + 1 - side) * stride;
    if (top < 0) continue;
    const bottom = above + stride;
    for (let x = side; x <= size; x++) {
      const right = (table[bottom + x] ?? 0) - (table[top + x] ?? 0);
      const left = (table[bottom + x - side] ?? 0) - (table[top + x - side] ?? 0);
      if (right - left > largest) largest = right - left;
    }
  }
  return largest;
}
