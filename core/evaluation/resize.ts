/** Bilinear resizing of square planes, in two conventions that must not be mixed up: with a filter as wide as a shrunk pixel, and without. */

interface Taps {
  /** First source index and weights of each target index. */
  readonly first: Int32Array;
  readonly weights: readonly Float64Array[];
}

const known = new Map<string, Taps>();

/** Triangle filter around each target pixel's centre (half-pixel centres, borders renormalised); `support` in source pixels. */
function tapsOf(from: number, to: number, support: number): Taps {
  const key = `${from} ${to} ${support}`;
  let taps = known.get(key);
  if (taps !== undefined) return taps;
  const scale = from / to;
  const first = new Int32Array(to);
  const weights = Array.from({ length: to }, (_, i) => {
    const centre = (i + 0.5) * scale - 0.5;
    const low = Math.max(0, Math.ceil(centre - support));
    const high = Math.min(from - 1, Math.floor(centre + support));
    first[i] = low;
    const raw = Float64Array.from({ length: high - low + 1 }, (__, j) =>
      Math.max(0, 1 - Math.abs(low + j - centre) / support),
    );
    const sum = raw.reduce((a, b) => a + b, 0);
    return raw.map((weight) => weight / sum);
  });
  taps = { first, weights };
  known.set(key, taps);
  return taps;
}

function separable(plane: Float64Array, from: number, to: number, { first, weights }: Taps): Float64Array {
  const rows = new Float64Array(from * to);
  for (let y = 0; y < from; y++) {
    for (let x = 0; x < to; x++) {
      let sum = 0;
      const taps = weights[x] ?? [];
      for (let i = 0; i < taps.length; i++) sum += (taps[i] ?? 0) * (plane[y * from + (first[x] ?? 0) + i] ?? 0);
      rows[y * to + x] = sum;
    }
  }
  const result = new Float64Array(to * to);
  for (let y = 0; y < to; y++) {
    const taps = weights[y] ?? [];
    for (let i = 0; i < taps.length; i++) {
      const weight = taps[i] ?? 0;
      const start = ((first[y] ?? 0) + i) * to;
      for (let x = 0; x < to; x++) result[y * to + x] = (result[y * to + x] ?? 0) + weight * (rows[start + x] ?? 0);
    }
  }
  return result;
}

/** Shrinks with a filter as wide as the target's pixels (no aliasing), enlarges linearly. Plane [from, from] -> [to, to]. */
export function resizeBilinear(plane: Float64Array, from: number, to: number): Float64Array {
  return from === to ? plane : separable(plane, from, to, tapsOf(from, to, Math.max(1, from / to)));
}

/** Linear between the two nearest pixels whatever the factor: what the FID of Heusel et al. is computed with. */
export function interpolateBilinear(plane: Float64Array, from: number, to: number): Float64Array {
  return from === to ? plane : separable(plane, from, to, tapsOf(from, to, 1));
}
