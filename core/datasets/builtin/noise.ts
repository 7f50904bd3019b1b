/** Smooth random fields over a square, the raw material of surfaces. */
import type { Random } from '../../random.ts';

/** Eases from 0 to 1 with flat ends. */
function ease(t: number): number {
  return t * t * (3 - 2 * t);
}

/**
 * Value noise [size, size]: normal deviates on a lattice of `cellsX` x `cellsY` cells, interpolated smoothly, about unit variance at the
 * lattice points.
 */
export function valueNoise(random: Random, size: number, cellsX: number, cellsY: number): Float32Array {
  const columns = Math.ceil(cellsX) + 2;
  const lattice = random.normals(columns * (Math.ceil(cellsY) + 2));
  const [offsetX, offsetY] = [random.uniform(), random.uniform()];
  const field = new Float32Array(size * size);
  const cellOf = new Int32Array(size);
  const weightOf = new Float32Array(size);
  for (let x = 0; x < size; x++) {
    const u = (x * cellsX) / size + offsetX;
    cellOf[x] = Math.floor(u);
    weightOf[x] = ease(u - Math.floor(u));
  }
  for (let y = 0; y < size; y++) {
    const v = (y * cellsY) / size + offsetY;
    const row = Math.floor(v) * columns;
    const down = ease(v - Math.floor(v));
    for (let x = 0; x < size; x++) {
      const at = row + (cellOf[x] ?? 0);
      const right = weightOf[x] ?? 0;
      const a = lattice[at] ?? 0;
      const c = lattice[at + columns] ?? 0;
      const top = a + right * ((lattice[at + 1] ?? 0) - a);
      const bottom = c + right * ((lattice[at + columns + 1] ?? 0) - c);
      field[y * size + x] = top + down * (bottom - top);
    }
  }
  return field;
}

/** Calls `paint(index, coverage)` for each pixel near the segment, with an anti-aliased coverage from 0 to 1. */
export function paintSegment(
  size: number,
  segment: { x0: number; y0: number; x1: number; y1: number; radius: number },
  paint: (index: number, coverage: number) => void,
): void {
  const { x0, y0, x1, y1, radius } = segment;
  const reach = radius + 1;
  const [dx, dy] = [x1 - x0, y1 - y0];
  const squared = Math.max(dx * dx + dy * dy, 1e-9);
  const top = Math.max(0, Math.floor(Math.min(y0, y1) - reach));
  const bottom = Math.min(size - 1, Math.ceil(Math.max(y0, y1) + reach));
  const left = Math.max(0, Math.floor(Math.min(x0, x1) - reach));
  const right = Math.min(size - 1, Math.ceil(Math.max(x0, x1) + reach));
  for (let y = top; y <= bottom; y++) {
    for (let x = left; x <= right; x++) {
      const [px, py] = [x + 0.5 - x0, y + 0.5 - y0];
      const t = Math.min(1, Math.max(0, (px * dx + py * dy) / squared));
      const distance = Math.hypot(px - t * dx, py - t * dy);
      const coverage = Math.min(1, Math.max(0, radius - distance + 0.5));
      if (coverage > 0) paint(y * size + x, coverage);
    }
  }
}
