/** How far two trainings have come apart: the largest difference of a weight, and Euclidean norms by network and by tensor. */

/** Values by name; the part of a name before its first slash is the network's. */
export type Weights = Readonly<Record<string, Float32Array>>;

/** Euclidean distances |w - v| of weights w from a reference's v. */
export interface NetworkDifference {
  readonly network: string;
  /** Through |v|. */
  readonly ofWeights: number;
  /** Through |v - start|: of what training has changed. */
  readonly ofUpdate: number;
  /** Both of the tensor in which they are largest. */
  readonly worstOfWeights: number;
  readonly worstOfUpdate: number;
}

export interface Difference {
  /** Of a single weight, absolute. */
  readonly largest: number;
  /** The tensor in which it is. */
  readonly worst: string;
  /** Part of all weights that differ by more than was said. */
  readonly differing: number;
  readonly networks: readonly NetworkDifference[];
}

/** Sums of squares. */
interface Squares {
  readonly distance: number;
  readonly reference: number;
  readonly change: number;
}

/** Differences are NaN where a value is NaN or missing; `start` is what the reference started from. */
export function differenceOf(weights: Weights, reference: Weights, start: Weights, threshold: number): Difference {
  let [largest, worst, differing, count] = [0, '', 0, 0];
  const tensors = new Map<string, Squares[]>();
  for (const [name, values] of Object.entries(weights)) {
    let [distance, own, change] = [0, 0, 0];
    for (const [position, value] of values.entries()) {
      const other = reference[name]?.[position] ?? Number.NaN;
      const apart = Math.abs(value - other);
      distance += apart ** 2;
      own += other ** 2;
      change += (other - (start[name]?.[position] ?? Number.NaN)) ** 2;
      count++;
      if (!(apart <= threshold)) differing++;
      // Written so that NaN is the largest.
      if (!(apart <= largest) && !Number.isNaN(largest)) [largest, worst] = [apart, name];
    }
    const network = name.split('/')[0] ?? name;
    tensors.set(network, [...(tensors.get(network) ?? []), { distance, reference: own, change }]);
  }
  const networks = [...tensors].map(([network, squares]) => networkDifference(network, squares));
  return { largest, worst, differing: differing / count, networks };
}

function networkDifference(network: string, squares: readonly Squares[]): NetworkDifference {
  const total = (key: keyof Squares): number => squares.reduce((sum, one) => sum + one[key], 0);
  const worst = (key: 'reference' | 'change'): number =>
    Math.max(...squares.map((one) => ratio(one.distance, one[key])));
  return {
    network,
    ofWeights: ratio(total('distance'), total('reference')),
    ofUpdate: ratio(total('distance'), total('change')),
    worstOfWeights: worst('reference'),
    worstOfUpdate: worst('change'),
  };
}

/** Root of a ratio of sums of squares; nothing through nothing is nothing. */
function ratio(distance: number, whole: number): number {
  return distance === 0 ? 0 : Math.sqrt(distance / whole);
}
