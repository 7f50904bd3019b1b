/**
 * What is normal at each place of a picture, for pictures that show the same thing in the same pose, such as parts in a fixture. The
 * log of the residual in a cell of a grid over the picture is taken for a sum of what the whole picture adds (a rough surface
 * reconstructs worse everywhere, which is no defect), of what the place adds, and of the rest, which is what counts. The two parts are
 * told apart by median polish of held-out normals (Tukey 1977, "Exploratory Data Analysis", chapter 11).
 */
import { quantileOfSorted, robustStatistics, sortedFinite } from './statistics.ts';
import type { TileLayout } from './pictures.ts';
import { windowSide } from './scores/local.ts';

/** Location and spread of the held-out normals in each cell, row by row; and how the map of it is shown. */
export interface PlaceStatistics {
  /** Cells along each side of the picture. */
  readonly side: number;
  readonly centre: readonly number[];
  readonly spread: readonly number[];
  /** Standardised values of the held-out normals' cells that are shown dark and brightest. */
  readonly scale: { readonly low: number; readonly high: number };
}

/** About what rounding to whole grey levels leaves of a squared residual: below it, one zero is like another. */
export const floor = 1e-5;
/** The mean spread of all cells counts as much as so many normals: a few of them say little of a single cell. */
const pseudoCount = 8;
/** Parts that held-out normals are divided into: each is compared with what the others say. */
const folds = 10;
/** Rounds of median polish: after these the centres hardly move. */
const polishes = 3;

/** Cells along each side: as many as `local` has windows in a model input of `size` pixels, so that no cell stays empty. */
export function cellsAcross(size: number): number {
  return Math.floor(size / windowSide(size));
}

/** Room for the largest residual of each cell; nothing has been seen yet. */
export function emptyCells(size: number): number[] {
  // A plain array: thousands of small typed ones wait long to be collected, since their contents lie outside the heap.
  return Array<number>(cellsAcross(size) ** 2).fill(-Infinity);
}

/**
 * Takes a tile into its picture's cells: each is the largest mean residual of the windows whose middle lies in it.
 * `residuals` [size, size] are squared and summed over `channels`; `tile` counts within `layout`.
 */
export function addTile(
  cells: number[],
  residuals: Float32Array | Float64Array,
  { size, channels, layout, tile }: { size: number; channels: number; layout: TileLayout; tile: number },
): void {
  const across = cellsAcross(size);
  const window = windowSide(size);
  const origin = layout.origins[tile] ?? { x: 0, y: 0 };
  const cellOf = (start: number, i: number, length: number): number =>
    Math.min(across - 1, Math.floor(((start + (i + 0.5) * window) / length) * across));
  for (let row = 0; row < across; row++) {
    for (let column = 0; column < across; column++) {
      let sum = 0;
      for (let y = row * window; y < (row + 1) * window; y++) {
        for (let x = column * window; x < (column + 1) * window; x++) sum += residuals[y * size + x] ?? 0;
      }
      const mean = sum / (window * window * channels);
      const cell = cellOf(origin.y, row, layout.height) * across + cellOf(origin.x, column, layout.width);
      cells[cell] = Math.max(cells[cell] ?? 0, mean);
    }
  }
}

function logarithms(cells: readonly number[]): number[] {
  return cells.map((value) => Math.log(value + floor));
}

function median(values: ArrayLike<number>): number {
  return quantileOfSorted(sortedFinite(values), 0.5);
}

/** What the whole picture adds, given what its places do. */
function levelOf(logs: readonly number[], centre: ArrayLike<number>): number {
  return median(logs.map((value, cell) => value - (centre[cell] ?? 0)));
}

/** Cells of the held-out normals, one array a picture, to statistics. */
export function placeStatistics(pictures: readonly (readonly number[])[]): PlaceStatistics {
  const logs = pictures.map(logarithms);
  const count = logs[0]?.length ?? 0;
  const across = (values: readonly (readonly number[])[], cell: number): number[] =>
    values.map((one) => one[cell] ?? 0);
  const cellsOf = <T>(value: (cell: number) => T): T[] => Array.from({ length: count }, (_, cell) => value(cell));
  let centre: number[] = cellsOf(() => 0);
  for (let round = 0; round < polishes; round++) {
    const levelled = logs.map((one) => {
      const own = levelOf(one, centre);
      return one.map((value) => value - own);
    });
    centre = cellsOf((cell) => median(across(levelled, cell)));
  }
  const rest = logs.map((one) => {
    const own = levelOf(one, centre);
    return one.map((value, cell) => value - own - (centre[cell] ?? 0));
  });
  const robust = cellsOf((cell) => robustStatistics(across(rest, cell)));
  const mean = robust.reduce((sum, { spread }) => sum + spread ** 2, 0) / Math.max(1, count);
  const pictured = pictures.length;
  const spread = robust.map((one) =>
    Math.sqrt((pictured * one.spread ** 2 + pseudoCount * mean) / (pictured + pseudoCount)),
  );
  const values = sortedFinite(rest.flatMap((one) => Array.from(one, (value, cell) => value / (spread[cell] ?? 1))));
  const high = quantileOfSorted(values, 0.999);
  return { side: Math.round(Math.sqrt(count)), centre, spread, scale: { low: 0, high: Math.max(1, high) } };
}

/** The score: the largest standardised value of a cell. NaN where a residual is none. */
export function placeScore(cells: readonly number[], { centre, spread }: PlaceStatistics): number {
  const logs = logarithms(cells);
  const level = levelOf(logs, centre);
  return logs.reduce(
    (largest, value, cell) => Math.max(largest, (value - level - (centre[cell] ?? 0)) / (spread[cell] ?? 1)),
    -Infinity,
  );
}

/** Scores of the held-out normals themselves, each by statistics of the others: by their own they would look too normal. */
export function heldOutPlaceScores(pictures: readonly (readonly number[])[]): number[] {
  const parts = Math.min(folds, pictures.length);
  const statistics = Array.from({ length: parts }, (_, part) => {
    const others = pictures.filter((_cells, i) => i % parts !== part);
    return placeStatistics(others.length > 0 ? others : pictures);
  });
  return pictures.map((cells, i) => placeScore(cells, statistics[i % parts] as PlaceStatistics));
}

/**
 * The same at each pixel, [height, width]: `residual` is a picture's map of root mean squared residuals; location and spread are
 * interpolated between the middles of the cells.
 */
export function placeMap(
  residual: Float32Array,
  width: number,
  height: number,
  cells: readonly number[],
  { side, centre, spread }: PlaceStatistics,
): Float32Array {
  const level = levelOf(logarithms(cells), centre);
  const map = new Float32Array(residual.length);
  const columns = Array.from({ length: width }, (_, x) => between(x, width, side));
  for (let y = 0; y < height; y++) {
    const row = between(y, height, side);
    for (let x = 0; x < width; x++) {
      const column = columns[x] as Between;
      const at = (values: readonly number[]): number => {
        const line = (first: number): number =>
          (values[first + column.low] ?? 0) * (1 - column.part) + (values[first + column.high] ?? 0) * column.part;
        return line(row.low * side) * (1 - row.part) + line(row.high * side) * row.part;
      };
      const value = Math.log((residual[y * width + x] ?? 0) ** 2 + floor);
      map[y * width + x] = (value - level - at(centre)) / at(spread);
    }
  }
  return map;
}

/** Two neighbouring cells and the part of the second. */
interface Between {
  readonly low: number;
  readonly high: number;
  readonly part: number;
}

function between(pixel: number, length: number, side: number): Between {
  const position = Math.min(side - 1, Math.max(0, ((pixel + 0.5) / length) * side - 0.5));
  const low = Math.floor(position);
  return { low, high: Math.min(side - 1, low + 1), part: position - low };
}
