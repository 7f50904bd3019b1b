/** From the scores and maps of tiles to those of their picture. */
import type { TileLayout } from './pictures.ts';

/**
 * How many of a picture's most anomalous tiles its score is the mean of. A defect covers few tiles, so the mean of all would drown it; the
 * maximum alone follows the noisiest tile. With one tile (no tiling) the score is that tile's.
 */
export const tilesAveraged = 3;

/** Mean of the `count` highest values. NaN stays NaN. */
export function topMean(values: ArrayLike<number>, count = tilesAveraged): number {
  // Most pictures are one tile.
  if (values.length === 1) return values[0] ?? Number.NaN;
  const sorted = Float64Array.from(values).sort();
  if (sorted.length === 0) return Number.NaN;
  const top = sorted.subarray(Math.max(0, sorted.length - count));
  return top.reduce((sum, value) => sum + value, 0) / top.length;
}

/** Tiles' maps [tiles, size, size] laid into the picture, the mean where tiles overlap; 0 where none lies. [height, width]. */
export function blendTiles(maps: Float32Array, layout: TileLayout, size: number): Float32Array {
  const { width, height, origins } = layout;
  const sums = new Float32Array(width * height);
  const covers = new Uint16Array(width * height);
  origins.forEach(({ x, y }, tile) => {
    for (let row = 0; row < size && y + row < height; row++) {
      for (let column = 0; column < size && x + column < width; column++) {
        const at = (y + row) * width + x + column;
        sums[at] = (sums[at] ?? 0) + (maps[(tile * size + row) * size + column] ?? 0);
        covers[at] = (covers[at] ?? 0) + 1;
      }
    }
  });
  return sums.map((sum, at) => sum / Math.max(1, covers[at] ?? 1));
}

/** The prepared picture put together from its tiles, uint8 [height, width, channels]. */
export function assembleTiles(
  tiles: readonly Uint8Array[],
  layout: TileLayout,
  size: number,
  channels: number,
): Uint8Array {
  const { width, height, origins } = layout;
  const pixels = new Uint8Array(width * height * channels);
  origins.forEach(({ x, y }, tile) => {
    const columns = Math.min(size, width - x) * channels;
    for (let row = 0; row < size && y + row < height; row++) {
      const start = row * size * channels;
      const from = tiles[tile]?.subarray(start, start + columns) ?? [];
      pixels.set(from, ((y + row) * width + x) * channels);
    }
  });
  return pixels;
}

/** Gaussian blur with standard deviation `sigma` pixels, separable; at the border the kernel's remaining weights are renormalised. */
export function smooth(map: Float32Array, width: number, height: number, sigma: number): Float32Array {
  const radius = Math.ceil(3 * sigma);
  const kernel = Float64Array.from({ length: radius + 1 }, (_, i) => Math.exp(-(i * i) / (2 * sigma * sigma)));
  const pass = (from: Float32Array, length: number, lines: number, step: number, lineStep: number): Float32Array => {
    const to = new Float32Array(from.length);
    for (let line = 0; line < lines; line++) {
      for (let i = 0; i < length; i++) {
        let sum = 0;
        let weight = 0;
        for (let j = Math.max(0, i - radius); j <= Math.min(length - 1, i + radius); j++) {
          const w = kernel[Math.abs(j - i)] ?? 0;
          sum += w * (from[line * lineStep + j * step] ?? 0);
          weight += w;
        }
        to[line * lineStep + i * step] = sum / weight;
      }
    }
    return to;
  };
  return pass(pass(map, width, height, 1, width), height, width, width, 1);
}
