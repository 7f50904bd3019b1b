/** What an objective declares. The trainer is ignorant of which one it runs: adding a method is adding one file under `methods/`. */
import type * as tf from '@tensorflow/tfjs';
import type { NetworkName, Networks } from '../nets/types.ts';

/** Scores of an image; higher is more anomalous. `combined` is calibrated on held-out normals by the scoring room. */
export type ScoreName = 'energy' | 'reconstruction' | 'local' | 'elbo' | 'joint' | 'features' | 'combined';

/** Hyper-parameters that objectives share; an objective's `defaults` override the common ones (`options.ts`). */
export interface ObjectiveOptions {
  /** Standard deviation of p(x|z), in pixel units of [-1, 1]. */
  readonly sigma: number;
  /** Weight w of the two divergences with the energy model in Eq. 10; the paper's equations have 1. */
  readonly adversarialWeight: number;
  /**
   * `kl`: the inference model keeps the VAE's whole closed-form KL(q|p). `exact`: sampled terms with the entropies of Eq. 16 and 17
   * as they are, weighted like the divergences they belong to: at w = 1 log q cancels in `joint` and counts twice in `joint-plus`.
   */
  readonly entropy: 'kl' | 'exact';
  /** `linear`: Eq. 12; `logistic`: softplus of the energy's terms, a deviation from the paper. Generator and inference see f itself. */
  readonly energyLoss: 'linear' | 'logistic';
  /** Weight of mismatched pairs (x, another image's z) among the energy's negatives; 0 is the paper's Eq. 12. */
  readonly mismatch: number;
}

/** Everything random in a step is fed, so that a step is a pure function of its feeds and variables. */
export interface StepInputs {
  /** Data x [batch, size, size, channels] in [-1, 1]. */
  readonly images: tf.Tensor4D;
  /** Draws of the prior for synthesis, N(0, I) [batch, latent]. */
  readonly prior: tf.Tensor2D;
  /** Noise of the inference model's sample, N(0, I) [batch, latent]. */
  readonly noise: tf.Tensor2D;
}

export interface StepResult {
  /** Gradient of each player's own loss by the stable name of the variable, for every trained variable of the objective's networks. */
  readonly gradients: Readonly<Record<string, tf.Tensor>>;
  /**
   * Scalars to log, means over the batch: `energyData` and `energySamples` (-f), `gap` (samples minus data: positive when the energy
   * model tells them apart), `reconstruction` and `kl` in nats an image.
   */
  readonly logs: Readonly<Record<string, tf.Scalar>>;
}

export interface Objective {
  readonly name: string;
  /** One sentence for people, with the paper. */
  readonly summary: string;
  readonly networks: readonly NetworkName[];
  readonly scores: readonly ScoreName[];
  readonly defaults: Partial<ObjectiveOptions>;
  /**
   * Each player's loss exactly as its equation states it (sums over pixels and latent units, means over the batch): the definition,
   * against which `step` is tested by finite differences.
   */
  losses(networks: Networks, inputs: StepInputs, options: ObjectiveOptions): Partial<Record<NetworkName, tf.Scalar>>;
  /** Gradients of all players at once, sharing forward passes where that gives the same gradients as `losses`. */
  step(networks: Networks, inputs: StepInputs, options: ObjectiveOptions): StepResult;
}
