import { describe, expect, it } from 'vitest';
import { Random } from '../../../core/random.ts';
import {
  addTile,
  cellsAcross,
  emptyCells,
  heldOutPlaceScores,
  placeMap,
  placeScore,
  placeStatistics,
} from '../../../core/scoring/place.ts';

const size = 32;
const layout = { width: size, height: size, origins: [{ x: 0, y: 0 }] };
/** Cells of a picture whose residuals are given at each pixel, one channel. */
function cellsOf(residualAt: (y: number, x: number) => number): number[] {
  const cells = emptyCells(size);
  const residuals = Float64Array.from({ length: size * size }, (_, i) => residualAt(Math.floor(i / size), i % size));
  addTile(cells, residuals, { size, channels: 1, layout, tile: 0 });
  return cells;
}

/** Pictures whose left half is always rough, each of another roughness as a whole. */
function normals(count: number): number[][] {
  return Array.from({ length: count }, (_, i) => {
    const random = Random.seeded(i, 'place');
    const level = Math.exp(2 * random.uniform());
    return cellsOf((_y, x) => level * (x < size / 2 ? 1 : 0.01) * (0.5 + random.uniform()));
  });
}

describe('cells', () => {
  it('hold the largest window of each place, in the unit of a channel', () => {
    expect(cellsAcross(size)).toBe(8);
    const cells = cellsOf((y, x) => (y >= 4 && y < 8 && x >= 28 ? 3 : 1));
    expect(cells[8 + 7]).toBe(3);
    expect([...cells].filter((value) => value === 1)).toHaveLength(63);
  });

  it.each([8, 16, 28, 32, 64, 128])('are all filled by one input of %i pixels', (side) => {
    const cells = emptyCells(side);
    const whole = { width: side, height: side, origins: [{ x: 0, y: 0 }] };
    addTile(cells, new Float64Array(side * side), { size: side, channels: 3, layout: whole, tile: 0 });
    expect([...cells]).toEqual(Array(cellsAcross(side) ** 2).fill(0));
  });

  it('are all filled by the tiles of a larger picture, each by what lies there', () => {
    const origins = [0, 16, 32, 40].flatMap((y) => [0, 16, 32, 38].map((x) => ({ x, y })));
    const large = { width: 70, height: 72, origins };
    const cells = emptyCells(size);
    origins.forEach((origin, tile) => {
      const residuals = Float64Array.from({ length: size * size }, (_, i) => {
        const [y, x] = [origin.y + Math.floor(i / size), origin.x + (i % size)];
        return y >= 60 && x >= 60 ? 5 : 1;
      });
      addTile(cells, residuals, { size, channels: 1, layout: large, tile });
    });
    expect([...cells].every((value) => value >= 1)).toBe(true);
    expect(cells.at(-1)).toBe(5);
    expect(cells[0]).toBe(1);
  });
});

describe('placeScore', () => {
  const statistics = placeStatistics(normals(40));
  const rough = (_y: number, x: number): number => (x < size / 2 ? 1 : 0.01);

  it('is low for roughness where it is normal, whatever the level, and high where it is not', () => {
    const normal = placeScore(cellsOf(rough), statistics);
    const rougher = placeScore(
      cellsOf((y, x) => 30 * rough(y, x)),
      statistics,
    );
    const defect = placeScore(
      cellsOf((y, x) => (y < 4 && x >= 28 ? 1 : rough(y, x))),
      statistics,
    );
    expect(normal).toBeLessThan(3);
    expect(rougher).toBeCloseTo(normal, 1);
    expect(defect).toBeGreaterThan(10);
  });

  it('is no number where a residual is none', () => {
    expect(
      placeScore(
        cellsOf((y, x) => (y === 9 && x === 9 ? NaN : 1)),
        statistics,
      ),
    ).toBeNaN();
  });

  it('calls held-out normals as normal as new ones', () => {
    const few = normals(20);
    const own = few.map((cells) => placeScore(cells, placeStatistics(few)));
    const crossed = heldOutPlaceScores(few);
    const fresh = normals(60)
      .slice(20)
      .map((cells) => placeScore(cells, placeStatistics(few)));
    const mean = (values: number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
    expect(mean(own)).toBeLessThan(mean(crossed));
    expect(Math.abs(mean(crossed) - mean(fresh))).toBeLessThan(0.5);
    expect(heldOutPlaceScores(few.slice(0, 1))).toHaveLength(1);
  });
});

describe('placeMap', () => {
  it('is high at a defect and even where pictures are as they always are', () => {
    const statistics = placeStatistics(normals(40));
    const residualAt = (y: number, x: number): number => (y < 4 && x >= 28 ? 1 : x < size / 2 ? 1 : 0.01);
    const cells = cellsOf(residualAt);
    const root = Float32Array.from({ length: size * size }, (_, i) =>
      Math.sqrt(residualAt(Math.floor(i / size), i % size)),
    );
    const map = placeMap(root, size, size, cells, statistics);
    const at = (y: number, x: number): number => map[y * size + x] ?? NaN;
    expect(at(1, 30)).toBeGreaterThan(10);
    expect(Math.abs(at(16, 4))).toBeLessThan(3);
    expect(Math.abs(at(16, 28))).toBeLessThan(3);
  });
});
