/** What an objective declares. The trainer is ignorant of which one it runs: adding a method is adding one file under `methods/`. */
import type * as tf from '@tensorflow/tfjs';
import type { Network, NetworkName, Networks, NetSpec } from '../nets/types.ts';
import type { ScoreName } from '../score-names.ts';

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
  /** Options that only this objective has (its `settings`), by name. Read them with `settingOf`. */
  readonly method?: Readonly<Record<string, number>>;
}

/** An option of one objective alone: a number with bounds and one sentence, so that every host can offer it. */
export interface MethodSetting {
  readonly value: number;
  readonly least: number;
  readonly most: number;
  readonly whole?: boolean;
  readonly help: string;
}
export type MethodSettings = Readonly<Record<string, MethodSetting>>;

/** What an objective's paper says of its optimiser; it takes the place of a preset's values. */
export interface TrainingDefaults {
  readonly learningRates?: Partial<Record<NetworkName, number>>;
  readonly beta1?: number;
  readonly beta2?: number;
}

/** A tensor of random numbers that is drawn for every step and fed. */
export type RandomFeed =
  | { readonly kind: 'normal' | 'uniform'; readonly shape: readonly number[] }
  /** Numbers 0 to `of` - 1, int32 [of]: `first` of them drawn without replacement, then the others in order. */
  | { readonly kind: 'draw'; readonly of: number; readonly first: number };
export type RandomFeeds = Readonly<Record<string, RandomFeed>>;

/** A tensor that lives from step to step and in checkpoints, as a replay buffer does. Starts as uniform noise in [-1, 1]. */
export interface MemoryTensor {
  readonly shape: readonly number[];
}

/** Everything random in a step is fed, so that a step is a pure function of its feeds and variables. */
export interface StepInputs {
  /** Data x [batch, size, size, channels] in [-1, 1]. */
  readonly images: tf.Tensor4D;
  /** Draws of the prior for synthesis, N(0, I) [batch, latent]. */
  readonly prior: tf.Tensor2D;
  /** Noise of the inference model's sample, N(0, I) [batch, latent]. */
  readonly noise: tf.Tensor2D;
  /** What the objective asked for as `randomness`. */
  readonly random?: Readonly<Record<string, tf.Tensor>>;
  /** What the objective keeps as `memory`. */
  readonly memory?: Readonly<Record<string, tf.Tensor>>;
  /** What `prepare` made of the above: constants of this step. */
  readonly prepared?: Readonly<Record<string, tf.Tensor>>;
}

export interface StepResult {
  /** Gradient of each updated player's own loss by the stable name of the variable, for all its trained variables. */
  readonly gradients: Readonly<Record<string, tf.Tensor>>;
  /**
   * Scalars to log, means over the batch: `energyData` and `energySamples` (-f), `gap` (samples minus data: positive when the energy
   * model tells them apart), `reconstruction` and `kl` in nats an image, `loss<Network>`.
   */
  readonly logs: Readonly<Record<string, tf.Scalar>>;
}

/** How an objective without a generator makes pictures: chains of equal steps, each from uniform noise in [-1, 1] (`chains.ts`). */
export interface Sampler {
  /** Steps of a chain. */
  steps(options: ObjectiveOptions): number;
  /**
   * One step of the chains `images` [count, size, size, channels] with N(0, I) `noise` of that shape, by networks in inference mode. No
   * chain touches another: a picture does not depend on its neighbours.
   */
  step(networks: Networks, images: tf.Tensor4D, noise: tf.Tensor4D, options: ObjectiveOptions): tf.Tensor4D;
}

export interface Objective {
  readonly name: string;
  /** One sentence for people, with the paper. */
  readonly summary: string;
  /** Without `inference` there is no reconstruction, without `generator` no interpolation: see `capabilities.ts`. */
  readonly networks: readonly NetworkName[];
  readonly scores: readonly ScoreName[];
  /** Ranks images when nobody chose a score; `combined` by default. */
  readonly defaultScore?: ScoreName;
  readonly defaults: Partial<ObjectiveOptions>;
  readonly settings?: MethodSettings;
  readonly training?: TrainingDefaults;
  /** Forms of the networks that its paper asks for; they go into the run's manifest. */
  readonly nets?: Partial<Pick<NetSpec, 'energyForm' | 'energyNorm' | 'energyViews' | 'criticNorm'>>;
  /** Passes through a network of the image's size in one step, forward and backward counted as three; for estimates of time. */
  passes?(options: ObjectiveOptions): number;
  /** Networks that are updated in step 1, 2, ... and round again; all of them in every step by default. */
  cycle?(options: ObjectiveOptions): readonly (readonly NetworkName[])[];
  randomness?(spec: NetSpec, batch: number, options: ObjectiveOptions): RandomFeeds;
  memory?(spec: NetSpec, batch: number, options: ObjectiveOptions): Readonly<Record<string, MemoryTensor>>;
  /** Constants of a step that no gradient flows through, such as Langevin samples. */
  prepare?(networks: Networks, inputs: StepInputs, options: ObjectiveOptions): Readonly<Record<string, tf.Tensor>>;
  /** New contents of the memory after a step. */
  remember?(inputs: StepInputs, options: ObjectiveOptions): Readonly<Record<string, tf.Tensor>>;
  /**
   * Each player's loss exactly as its equation states it (sums over pixels and latent units, means over the batch): the definition,
   * against which `step` is tested by finite differences.
   */
  losses(networks: Networks, inputs: StepInputs, options: ObjectiveOptions): Partial<Record<NetworkName, tf.Scalar>>;
  /**
   * Gradients of the `updated` players (all by default), sharing forward passes where that gives the same gradients as `losses`;
   * advances the networks' running statistics.
   */
  step(networks: Networks, inputs: StepInputs, options: ObjectiveOptions, updated?: readonly NetworkName[]): StepResult;
  /** Called with a network after its update, for constraints on its weights. */
  constrain?(network: Network, options: ObjectiveOptions): void;
  readonly sampler?: Sampler;
}
