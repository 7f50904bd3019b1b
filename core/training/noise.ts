/** The random numbers of training steps: draws of the prior and the inference model's noise, each a stream of its own. */
import { Random, type RandomState } from '../random.ts';

/** JSON-safe. */
export interface NoiseState {
  readonly prior: RandomState;
  readonly inference: RandomState;
}

export interface StepNoise {
  /** N(0, I) [batch, latent], row-major. */
  readonly prior: Float32Array;
  readonly noise: Float32Array;
}

export class NoiseSource {
  readonly #prior: Random;
  readonly #inference: Random;

  constructor(seed: number, state?: NoiseState) {
    this.#prior = state === undefined ? Random.seeded(seed, 'prior') : Random.restored(state.prior);
    this.#inference = state === undefined ? Random.seeded(seed, 'inference') : Random.restored(state.inference);
  }

  next(batch: number, latent: number): StepNoise {
    return { prior: this.#prior.normals(batch * latent), noise: this.#inference.normals(batch * latent) };
  }

  state(): NoiseState {
    return { prior: this.#prior.state(), inference: this.#inference.state() };
  }
}
