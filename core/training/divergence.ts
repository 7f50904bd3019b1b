/** Notices a run that has gone wrong beyond return, so that it stops while its last checkpoint is still good. */
import { CoreError } from '../errors.ts';
import type { NetSpec } from '../nets/types.ts';
import type { Tensors } from '../runs/safetensors.ts';
import type { StepMetrics } from './types.ts';

/** Steps over which the gap is averaged: single batches may jump. */
const MEMORY = 20;
/** Gaps above so many times the square root of the number of pixel values count as running away. */
const GAP_FACTOR = 20;

const REMEDY =
  'Resume from the last checkpoint with smaller learning rates or a smaller adversarial weight, or start with another seed.';

/**
 * Two rules. (1) No logged value may be NaN or infinite. (2) The energy gap, averaged over about 20 steps, must stay below
 * 20 sqrt(D), D the number of pixel values: with spectral normalisation f is Lipschitz, two images are at most 2 sqrt(D) apart,
 * and stride-2 convolutions rarely multiply their norms to more than ten; a larger gap means that nothing holds f any more.
 */
export class DivergenceGuard {
  readonly #limit: number;
  #gap = 0;

  constructor(spec: Pick<NetSpec, 'size' | 'channels'>) {
    this.#limit = GAP_FACTOR * spec.size * Math.sqrt(spec.channels);
  }

  /** JSON-safe, for exact resume. */
  get state(): number {
    return this.#gap;
  }

  restore(gap: number): void {
    this.#gap = gap;
  }

  /** Throws `training/diverged`. */
  check(metrics: StepMetrics): void {
    const broken = Object.entries(metrics).find(([, value]) => !Number.isFinite(value));
    if (broken !== undefined) {
      const [name, value] = broken;
      throw new CoreError(
        'training/diverged',
        `Training diverged at step ${metrics.step}: ${name} is ${value}. ${REMEDY}`,
      );
    }
    this.#gap += (Math.abs(metrics['gap'] ?? 0) - this.#gap) / MEMORY;
    if (this.#gap > this.#limit) {
      throw new CoreError(
        'training/diverged',
        `Training diverged at step ${metrics.step}: the energy gap between data and samples ran away to ` +
          `${this.#gap.toPrecision(3)} (limit ${this.#limit.toPrecision(3)}). ${REMEDY}`,
      );
    }
  }
}

/** Throws `training/diverged` for weights that are NaN or infinite. */
export function checkFinite(tensors: Tensors, step: number): void {
  for (const [name, { data }] of Object.entries(tensors)) {
    for (let i = 0; i < data.length; i++) {
      const value = data[i] ?? NaN;
      if (Number.isFinite(value)) continue;
      throw new CoreError('training/diverged', `Training diverged at step ${step}: ${name} holds ${value}. ${REMEDY}`);
    }
  }
}
