/**
 * Do samples differ from one another as data do? The mean Euclidean distance of all pairs of samples over that of all pairs of data
 * images: near 1 for a generator that covers the data, near 0 for one that has collapsed to a few pictures. Pixels alone: it does not
 * say whether the samples are good.
 */
import type { StepMetrics } from './types.ts';

/** Samples that differ less than this part of what data do count as collapsed; blurred samples of a VAE lie above. */
const COLLAPSED = 0.35;
/** Part of a run, and steps, before which nothing is said: every generator begins with pictures that are all alike. */
const GRACE = 0.2;
const GRACE_STEPS = 200;

/** Mean Euclidean distance of all pairs of images, `length` numbers each. */
export function meanPairwiseDistance(images: ArrayLike<number>, length: number): number {
  const count = Math.floor(images.length / length);
  let total = 0;
  for (let a = 0; a < count; a++) {
    for (let b = a + 1; b < count; b++) {
      let sum = 0;
      for (let i = 0; i < length; i++) {
        sum += ((images[a * length + i] ?? 0) - (images[b * length + i] ?? 0)) ** 2;
      }
      total += Math.sqrt(sum);
    }
  }
  return total / Math.max(1, (count * (count - 1)) / 2);
}

/** Notices a collapse, once in a run. */
export class CollapseWatch {
  readonly #steps: number;
  #told = false;

  constructor(steps: number) {
    this.#steps = steps;
  }

  /** A sentence for people where the samples have become too much alike; null otherwise. */
  check({ step, diversity }: Pick<StepMetrics, 'step'> & { readonly diversity?: number }): string | null {
    if (diversity === undefined || this.#told || diversity >= COLLAPSED) return null;
    if (step < Math.max(GRACE_STEPS, GRACE * this.#steps)) return null;
    this.#told = true;
    return (
      `The samples have collapsed at step ${step}: they differ only ${diversity.toFixed(2)} times as much as the data do. ` +
      'Try another seed, smaller learning rates, or more updates of the critic.'
    );
  }
}
