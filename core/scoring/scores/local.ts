/**
 * Largest local reconstruction error: the mean of |x - g(mean)|^2 / (2 sigma^2) over channels and a square window, at the window where
 * it is largest. A defect of a few pixels hardly moves the sum over a whole picture; it is the largest thing in its own window.
 */
import type { Evidence, ScoreDefinition } from '../types.ts';

/** The window's side as a part of the picture's. */
const windowsAcross = 8;

export const score: ScoreDefinition = {
  name: 'local',
  summary: 'largest reconstruction error within a small window',
  needsEnergy: false,
  compute: (evidence) => Float64Array.from({ length: evidence.count }, (_, i) => largestWindow(evidence, i)),
};

function largestWindow({ images, reconstructions, imageLength, sigma, size }: Evidence, index: number): number {
  const channels = imageLength / (size * size);
  const side = Math.max(2, Math.round(size / windowsAcross));
  const stride = size + 1;
  // Summed-area table: any window's sum is four reads.
  const table = new Float64Array(stride * stride);
  let position = index * imageLength;
  for (let y = 0; y < size; y++) {
    let row = 0;
    for (let x = 0; x < size; x++) {
      for (let channel = 0; channel < channels; channel++, position++) {
        const difference = (images[position] ?? 0) - (reconstructions[position] ?? 0);
        row += difference * difference;
      }
      table[(y + 1) * stride + x + 1] = (table[y * stride + x + 1] ?? 0) + row;
    }
  }
  let largest = 0;
  for (let y = 0; y + side <= size; y++) {
    for (let x = 0; x + side <= size; x++) {
      const sum =
        (table[(y + side) * stride + x + side] ?? 0) -
        (table[y * stride + x + side] ?? 0) -
        (table[(y + side) * stride + x] ?? 0) +
        (table[y * stride + x] ?? 0);
      if (sum > largest) largest = sum;
    }
  }
  return largest / (side * side * channels * 2 * sigma ** 2);
}
