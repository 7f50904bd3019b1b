/**
 * Eigenvalues and eigenvectors of symmetric matrices: Householder's tridiagonalisation, then QL with implicit shifts
 * (Golub and Van Loan, "Matrix Computations", sections 8.3.1 and 8.3.3). Of order n^3; 2,048 x 2,048 takes minutes.
 */
import { CoreError } from '../errors.ts';

export interface Eigen {
  /** In no particular order. */
  readonly values: Float64Array;
  /** Row i [n] is the unit eigenvector of value i; null where only values were asked for. */
  readonly vectors: readonly Float64Array[] | null;
}

/** QL needs about two rounds for a value; a matrix with infinities or NaN never gets there. */
const mostRounds = 60;

/** A working copy by rows, of the mean of the matrix and its transpose, so that rounding upstream does not matter. */
function symmetricRows(matrix: ArrayLike<number>, n: number): Float64Array[] {
  if (n < 1 || matrix.length !== n * n) {
    const text = `A matrix of ${matrix.length} values was given as ${n} x ${n}.`;
    throw new CoreError('evaluation/length', `${text} Give a square matrix, row by row.`);
  }
  return Array.from({ length: n }, (_, i) =>
    Float64Array.from({ length: n }, (__, j) => ((matrix[i * n + j] ?? NaN) + (matrix[j * n + i] ?? NaN)) / 2),
  );
}

interface Tridiagonal {
  readonly diagonal: Float64Array;
  /** Entry i couples i and i + 1; the last is 0. */
  readonly beside: Float64Array;
  /** Rows are the orthonormal basis in which the matrix is tridiagonal; null when not wanted. */
  readonly basis: Float64Array[] | null;
}

/** Consumes `a`. */
function tridiagonalise(a: Float64Array[], wantVectors: boolean): Tridiagonal {
  const n = a.length;
  const diagonal = new Float64Array(n);
  const beside = new Float64Array(n);
  const reflections: { readonly v: Float64Array; readonly from: number }[] = [];
  for (let k = 0; k < n - 2; k++) {
    const row = a[k] as Float64Array;
    let scale = 0;
    for (let i = k + 1; i < n; i++) scale = Math.max(scale, Math.abs(row[i] as number));
    diagonal[k] = row[k] as number;
    if (scale === 0) continue;
    // v = x - alpha e1, of length 1, so that (1 - 2 v v') x = alpha e1; the sign keeps the first entry from cancelling.
    const v = new Float64Array(n);
    let norm = 0;
    for (let i = k + 1; i < n; i++) {
      v[i] = (row[i] as number) / scale;
      norm += (v[i] as number) ** 2;
    }
    const alpha = ((v[k + 1] as number) > 0 ? -1 : 1) * Math.sqrt(norm);
    beside[k] = alpha * scale;
    v[k + 1] = (v[k + 1] as number) - alpha;
    let length = 0;
    for (let i = k + 1; i < n; i++) length += (v[i] as number) ** 2;
    length = Math.sqrt(length);
    if (length === 0) continue;
    for (let i = k + 1; i < n; i++) v[i] = (v[i] as number) / length;
    reflect(a, v, k + 1);
    if (wantVectors) reflections.push({ v, from: k + 1 });
  }
  for (let k = Math.max(0, n - 2); k < n; k++) diagonal[k] = (a[k] as Float64Array)[k] as number;
  if (n > 1) beside[n - 2] = (a[n - 2] as Float64Array)[n - 1] as number;
  return { diagonal, beside, basis: wantVectors ? basisOf(reflections, n) : null };
}

/** A <- (1 - 2 v v') A (1 - 2 v v') on the rows and columns from `from`: A - v q' - q v' with q = 2 (A v - (v' A v) v). */
function reflect(a: readonly Float64Array[], v: Float64Array, from: number): void {
  const n = v.length;
  const q = new Float64Array(n);
  let inner = 0;
  for (let i = from; i < n; i++) {
    const row = a[i] as Float64Array;
    let sum = 0;
    for (let j = from; j < n; j++) sum += (row[j] as number) * (v[j] as number);
    q[i] = 2 * sum;
    inner += sum * (v[i] as number);
  }
  for (let i = from; i < n; i++) q[i] = (q[i] as number) - 2 * inner * (v[i] as number);
  for (let i = from; i < n; i++) {
    const row = a[i] as Float64Array;
    const [vi, qi] = [v[i] as number, q[i] as number];
    for (let j = from; j < n; j++) row[j] = (row[j] as number) - vi * (q[j] as number) - qi * (v[j] as number);
  }
}

/** Columns of H1 H2 … as rows: the product is built from the last reflection on, so that most of it is still the identity. */
function basisOf(
  reflections: readonly { readonly v: Float64Array; readonly from: number }[],
  n: number,
): Float64Array[] {
  const basis = Array.from({ length: n }, (_, i) => {
    const row = new Float64Array(n);
    row[i] = 1;
    return row;
  });
  for (const { v, from } of [...reflections].reverse()) {
    // Row i holds column i of the product: each reflection acts on it from the left.
    for (let i = from; i < n; i++) {
      const row = basis[i] as Float64Array;
      let dot = 0;
      for (let j = from; j < n; j++) dot += (row[j] as number) * (v[j] as number);
      for (let j = from; j < n; j++) row[j] = (row[j] as number) - 2 * dot * (v[j] as number);
    }
  }
  return basis;
}

/** Turns two basis rows into one another: contiguous memory, the whole cost of the vectors. */
function rotate(basis: readonly Float64Array[], i: number, c: number, s: number): void {
  const low = basis[i] as Float64Array;
  const high = basis[i + 1] as Float64Array;
  for (let k = 0; k < low.length; k++) {
    const [a, b] = [low[k] as number, high[k] as number];
    high[k] = s * a + c * b;
    low[k] = c * a - s * b;
  }
}

/** Throws `evaluation/length`, and `evaluation/not-a-number` for a matrix with values that are not finite. */
export function symmetricEigen(matrix: ArrayLike<number>, n: number, wantVectors: boolean): Eigen {
  const { diagonal: d, beside: e, basis } = tridiagonalise(symmetricRows(matrix, n), wantVectors);
  // Against the whole matrix: among the zeros of a singular one there is nothing but rounding to compare with.
  let negligible = 0;
  for (let i = 0; i < n; i++)
    negligible = Math.max(negligible, Number.EPSILON * (Math.abs(d[i] as number) + Math.abs(e[i] as number)));
  for (let low = 0; low < n; low++) {
    for (let round = 0; ; round++) {
      // The end of the block that is not yet split by a coupling too small to matter.
      let end = low;
      while (end < n - 1) {
        if (Math.abs(e[end] as number) <= negligible) break;
        end++;
      }
      if (end === low) break;
      if (round === mostRounds) {
        const text = 'The eigenvalues of a matrix could not be found: it holds values that are not finite.';
        throw new CoreError('evaluation/not-a-number', `${text} Leave out images whose features are not numbers.`);
      }
      qlRound(d, e, basis, low, end);
    }
  }
  if (!d.every(Number.isFinite)) {
    const text = 'A matrix holds values that are not finite.';
    throw new CoreError('evaluation/not-a-number', `${text} Leave out images whose features are not numbers.`);
  }
  return { values: d, vectors: basis };
}

/** One implicit QL sweep over the block [low, end] with Wilkinson's shift. */
function qlRound(d: Float64Array, e: Float64Array, basis: readonly Float64Array[] | null, low: number, end: number) {
  const first = d[low] as number;
  const ratio = ((d[low + 1] as number) - first) / (2 * (e[low] as number));
  const root = Math.hypot(ratio, 1);
  let g = (d[end] as number) - first + (e[low] as number) / (ratio + (ratio >= 0 ? root : -root));
  let [s, c, p] = [1, 1, 0];
  for (let i = end - 1; i >= low; i--) {
    const f = s * (e[i] as number);
    const b = c * (e[i] as number);
    const r = Math.hypot(f, g);
    e[i + 1] = r;
    if (r === 0) {
      // Split in the middle of the sweep: what was pulled along goes back.
      d[i + 1] = (d[i + 1] as number) - p;
      e[end] = 0;
      return;
    }
    s = f / r;
    c = g / r;
    g = (d[i + 1] as number) - p;
    const t = ((d[i] as number) - g) * s + 2 * c * b;
    p = s * t;
    d[i + 1] = g + p;
    g = c * t - b;
    if (basis !== null) rotate(basis, i, c, s);
  }
  d[low] = (d[low] as number) - p;
  e[low] = g;
  e[end] = 0;
}
