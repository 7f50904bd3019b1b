/** The networks of the paper (section 3) and of its baselines as the objectives see them: functions of tensors with named variables. */
import type * as tf from '@tensorflow/tfjs';

/**
 * `energy`: f of image and latent vector, also ALI's joint discriminator; `critic`: f of the image alone, be it a discriminator or an
 * energy; `statistics`: T(x, z) of an estimator of mutual information.
 */
export type NetworkName = 'generator' | 'inference' | 'energy' | 'critic' | 'statistics';

/** Networks that a trained model needs; an estimator of mutual information serves its training alone. */
export type ModelNetwork = Exclude<NetworkName, 'statistics'>;

/**
 * `concat`: the paper's form, image and latent paths concatenated, by default with spectral normalisation on every layer.
 * `coupled`: f(x, z) = b - 5 |h(x) - k(z)|^2 with unit-length h and k and no spectral normalisation; a deviation from the paper.
 */
export type EnergyForm = 'concat' | 'coupled';

/** What normalises the joint energy network's layers. */
export type EnergyNorm = 'none' | 'spectral';

/** What normalises the critic's layers; an objective has the one of its paper. */
export type CriticNorm = 'none' | 'batch' | 'spectral';

export interface NetSpec {
  /** Side of the square images in pixels: 28, 32, 64 or 128 (8 and 16 for tests). */
  readonly size: number;
  readonly channels: 1 | 3;
  /** Channels of the first convolution; doubled at each halving of the resolution, up to eight times. */
  readonly width: number;
  /** Length of z. */
  readonly latent: number;
  /** Default `concat`. */
  readonly energyForm?: EnergyForm;
  /** The image path of the joint energy network has a second output, {@link Energy.likeness}. Default false. */
  readonly energyViews?: boolean;
  /** Default `spectral` in the form `concat`, `none` in the form `coupled`. */
  readonly energyNorm?: EnergyNorm;
  /** Default `none`. */
  readonly criticNorm?: CriticNorm;
}

/**
 * `train`: batch statistics, and running averages and power iterations are advanced by assigning the network's state variables;
 * `frozen`: the same values as `train` without advancing anything; `inference`: running statistics, a deterministic function of
 * one image alone.
 */
export type Mode = 'train' | 'frozen' | 'inference';

/**
 * Variables by their stable names `<network>/<layer>/<what>`, which are the checkpoint's keys. tfjs's own `variable.name` is a
 * process-wide number: two copies of a network may live side by side.
 */
export type NamedVariables = ReadonlyMap<string, tf.Variable>;

export interface Network {
  readonly name: NetworkName;
  /** Trained by gradients. */
  readonly trainable: NamedVariables;
  /** Running statistics and power-iteration vectors: saved, never trained. */
  readonly state: NamedVariables;
  dispose(): void;
}

export interface Generator extends Network {
  /** z [batch, latent] -> images [batch, size, size, channels] in [-1, 1]. */
  generate(z: tf.Tensor2D, mode: Mode): tf.Tensor4D;
}

export interface Inference extends Network {
  /** images -> mean [batch, latent] and log-variance [batch, latent], clipped to [-10, 5]. */
  infer(images: tf.Tensor4D, mode: Mode): { mean: tf.Tensor2D; logVariance: tf.Tensor2D };
}

/** f [batch], the NEGATIVE energy of Eq. 7, and the features [batch, n] of the last hidden layer. */
export type EnergyValue = { readonly f: tf.Tensor1D; readonly features: tf.Tensor2D };

/** `value` is `join(encodeImages(x), encodeLatents(z))`; no part mixes the rows of a batch, so batches may be concatenated. */
export interface Energy extends Network {
  value(images: tf.Tensor4D, z: tf.Tensor2D, mode: Mode): EnergyValue;
  /** The image path's rows [batch, n]: the expensive half. */
  encodeImages(images: tf.Tensor4D, mode: Mode): tf.Tensor2D;
  /** The latent path k(z) [batch, m]. */
  encodeLatents(z: tf.Tensor2D, mode: Mode): tf.Tensor2D;
  /** f of image row i and latent row i. */
  join(images: tf.Tensor2D, latents: tf.Tensor2D, mode: Mode): EnergyValue;
  /** f of every image row with every latent row: [images, latents]. */
  joinAll(images: tf.Tensor2D, latents: tf.Tensor2D, mode: Mode): tf.Tensor2D;
  /** Of image rows: features of length one [batch, n] that say which images are alike. f does not read them. Only with `energyViews`. */
  likeness(images: tf.Tensor2D): tf.Tensor2D;
}

/** f [batch] and the last hidden layer's features, of the image alone. Batch normalisation makes rows of a batch touch one another. */
export interface Critic extends Network {
  value(images: tf.Tensor4D, mode: Mode): EnergyValue;
}

export interface Networks {
  readonly spec: NetSpec;
  readonly generator?: Generator;
  readonly inference?: Inference;
  readonly energy?: Energy;
  readonly critic?: Critic;
  readonly statistics?: Energy;
}
