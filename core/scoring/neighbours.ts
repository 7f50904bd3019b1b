/**
 * How far an image lies from normal ones in the latent space: the mean Euclidean distance of its inferred mean to the nearest means of
 * normals. It looks where the other scores do not: an image may be rebuilt well and yet land between the kinds of images that are
 * normal. Nearest neighbours as an anomaly score: Ramaswamy et al. 2000, the mean of several after Angiulli and Pizzuti 2002.
 */
import { topMean } from './tiles.ts';

/** Latent means of normal pictures' model inputs. */
export interface NeighbourBank {
  /** Length of a latent vector. */
  readonly latent: number;
  /** [count, latent], row-major, rounded to five digits. */
  readonly means: readonly number[];
}

/** Neighbours that the distance is averaged over: one alone would follow single odd normals. */
export const nearest = 3;
/** Numbers in a bank at most: what is stored as text and searched for every tile stays small. */
const mostNumbers = 64_000;

/** Rows of all pictures' tiles, evenly thinned, with the picture that each belongs to. */
function rowsOf(pictures: readonly Float32Array[], latent: number): { means: Float32Array; picture: number }[] {
  const rows = pictures.flatMap((tiles, picture) =>
    Array.from({ length: tiles.length / latent }, (_, tile) => ({
      means: tiles.subarray(tile * latent, (tile + 1) * latent),
      picture,
    })),
  );
  const most = Math.max(nearest, Math.floor(mostNumbers / latent));
  const step = Math.max(1, rows.length / most);
  return Array.from({ length: Math.min(rows.length, most) }, (_, i) => rows[Math.floor(i * step)]).filter(
    (row) => row !== undefined,
  );
}

/** `pictures`: the means [tiles, latent] of each normal picture. Null where no latent vectors are known. */
export function neighbourBank(pictures: readonly Float32Array[], latent: number): NeighbourBank | null {
  const rows = rowsOf(pictures, latent);
  if (rows.length === 0) return null;
  return { latent, means: rows.flatMap(({ means }) => Array.from(means, (value) => Number(value.toPrecision(5)))) };
}

/** Mean distance of one latent vector to the nearest rows of which `counts` says that they count. NaN where none does. */
function distanceTo(z: Float32Array, means: ArrayLike<number>, counts: (row: number) => boolean): number {
  const latent = z.length;
  const smallest: number[] = [];
  for (let row = 0, start = 0; start < means.length; row++, start += latent) {
    const bound = smallest.length < nearest ? Infinity : (smallest.at(-1) ?? Infinity);
    let sum = 0;
    for (let i = 0; i < latent && sum < bound; i++) sum += ((z[i] ?? 0) - (means[start + i] ?? 0)) ** 2;
    if (sum >= bound || !counts(row)) continue;
    smallest.push(sum);
    smallest.sort((a, b) => a - b);
    if (smallest.length > nearest) smallest.pop();
  }
  return smallest.reduce((sum, square) => sum + Math.sqrt(square), 0) / smallest.length;
}

function scoreOf(tiles: Float32Array, latent: number, distance: (z: Float32Array) => number): number {
  const count = tiles.length / latent;
  return topMean(
    Float64Array.from({ length: count }, (_, tile) => distance(tiles.subarray(tile * latent, (tile + 1) * latent))),
  );
}

/** The score of a picture with the means [tiles, latent]; with tiles the mean of the farthest few, as of every score. */
export function neighbourScore(tiles: Float32Array, { latent, means }: NeighbourBank): number {
  return scoreOf(tiles, latent, (z) => distanceTo(z, means, () => true));
}

/** Scores of the normals that a bank is made of, each without itself. NaN for a single one. */
export function heldOutNeighbourScores(pictures: readonly Float32Array[], latent: number): number[] {
  const rows = rowsOf(pictures, latent);
  const means = Float64Array.from(rows.flatMap((row) => [...row.means]));
  return pictures.map((tiles, picture) =>
    scoreOf(tiles, latent, (z) => distanceTo(z, means, (row) => rows[row]?.picture !== picture)),
  );
}
