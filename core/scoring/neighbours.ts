/**
 * How far an image lies from normal ones among vectors that networks make of them: the mean Euclidean distance to the nearest ones. With the
 * inferred means it is the score `neighbours`: an image may be rebuilt well and yet land between the kinds of images that are normal.
 * With the energy network's likeness features it is `feature-neighbours`. Nearest neighbours as an anomaly score: Ramaswamy et al. 2000,
 * the mean of several after Angiulli and Pizzuti 2002, in learnt features Bergman et al. 2020.
 */
import { topMean } from './tiles.ts';

/** Vectors of normal pictures' model inputs. */
export interface NeighbourBank {
  /** Length of a vector. */
  readonly length: number;
  /** [count, length], row-major. */
  readonly rows: Float32Array;
}

/** A bank as JSON: as numbers in text it would be most of a file. */
export interface StoredBank {
  /** [count, length]. */
  readonly shape: readonly [number, number];
  /** Base64 of float32, little-endian, row-major. */
  readonly rows: string;
}

export function storedBank({ length, rows }: NeighbourBank): StoredBank {
  const bytes = Buffer.alloc(4 * rows.length);
  rows.forEach((value, i) => bytes.writeFloatLE(value, 4 * i));
  return { shape: [rows.length / length, length], rows: bytes.toString('base64') };
}

/** Null where the bytes are not what the shape says. */
export function restoredBank({ shape: [count, length], rows }: StoredBank): NeighbourBank | null {
  const bytes = Buffer.from(rows, 'base64');
  if (bytes.length !== 4 * count * length || count === 0) return null;
  return { length, rows: Float32Array.from({ length: count * length }, (_, i) => bytes.readFloatLE(4 * i)) };
}

/** Neighbours that the distance is averaged over: one alone would follow single odd normals. */
export const nearest = 3;
/** Rows of a bank at most: it is stored with a calibration, and searched for every tile. */
const mostRows = 8000;
const mostNumbers = 512_000;
/** Coordinates between two looks at whether a row is too far already. */
const stretch = 8;

/** Rows of all pictures' tiles, evenly thinned, with the picture that each belongs to. */
function rowsOf(pictures: readonly Float32Array[], length: number): { row: Float32Array; picture: number }[] {
  const rows = pictures.flatMap((tiles, picture) =>
    Array.from({ length: tiles.length / length }, (_, tile) => ({
      row: tiles.subarray(tile * length, (tile + 1) * length),
      picture,
    })),
  );
  const most = Math.max(nearest, Math.min(mostRows, Math.floor(mostNumbers / length)));
  const step = Math.max(1, rows.length / most);
  return Array.from({ length: Math.min(rows.length, most) }, (_, i) => rows[Math.floor(i * step)]).filter(
    (row) => row !== undefined,
  );
}

function bankOf(rows: readonly { readonly row: Float32Array }[], length: number): NeighbourBank {
  const all = new Float32Array(rows.length * length);
  rows.forEach(({ row }, i) => all.set(row, i * length));
  return { length, rows: all };
}

/** `pictures`: the vectors [tiles, length] of each normal picture. Null where there are none. */
export function neighbourBank(pictures: readonly Float32Array[], length: number): NeighbourBank | null {
  const rows = rowsOf(pictures, length);
  return rows.length === 0 ? null : bankOf(rows, length);
}

/** Mean distance of one vector to the nearest rows, those of `pictures[row] === picture` left out. NaN where none is left. */
function distanceTo(
  vector: Float32Array,
  { length, rows }: NeighbourBank,
  pictures: Int32Array | null,
  picture: number,
): number {
  const smallest = new Float64Array(nearest).fill(Infinity);
  const last = nearest - 1;
  for (let row = 0, start = 0; start < rows.length; row++, start += length) {
    const bound = smallest[last] ?? 0;
    let sum = 0;
    for (let i = 0; i < length && sum < bound;) {
      for (const end = Math.min(length, i + stretch); i < end; i++) {
        const difference = (vector[i] ?? 0) - (rows[start + i] ?? 0);
        sum += difference * difference;
      }
    }
    if (sum >= bound || pictures?.[row] === picture) continue;
    let place = last;
    for (; place > 0 && (smallest[place - 1] ?? 0) > sum; place--) smallest[place] = smallest[place - 1] ?? 0;
    smallest[place] = sum;
  }
  const found = smallest.filter(Number.isFinite);
  return found.reduce((sum, square) => sum + Math.sqrt(square), 0) / found.length;
}

function scoreOf(tiles: Float32Array, length: number, distance: (vector: Float32Array) => number): number {
  return topMean(
    Float64Array.from({ length: tiles.length / length }, (_, tile) =>
      distance(tiles.subarray(tile * length, (tile + 1) * length)),
    ),
  );
}

/** The score of a picture with the vectors [tiles, length]; with tiles the mean of the farthest few, as of every score. */
export function neighbourScore(tiles: Float32Array, bank: NeighbourBank): number {
  return scoreOf(tiles, bank.length, (vector) => distanceTo(vector, bank, null, -1));
}

/** Scores of the normals that a bank is made of, each without itself. NaN for a single one. */
export function heldOutNeighbourScores(pictures: readonly Float32Array[], length: number): number[] {
  const rows = rowsOf(pictures, length);
  const bank = bankOf(rows, length);
  const owners = Int32Array.from(rows, ({ picture }) => picture);
  return pictures.map((tiles, picture) =>
    scoreOf(tiles, length, (vector) => distanceTo(vector, bank, owners, picture)),
  );
}
