/** The three networks of the paper (section 3) as the objectives see them: functions of tensors with named variables. */
import type * as tf from '@tensorflow/tfjs';

export type NetworkName = 'generator' | 'inference' | 'energy';

export interface NetSpec {
  /** Side of the square images in pixels: 28, 32, 64 or 128. */
  readonly size: number;
  readonly channels: 1 | 3;
  /** Channels of the first convolution; doubled at each halving of the resolution, up to eight times. */
  readonly width: number;
  /** Length of z. */
  readonly latent: number;
}

/**
 * `train`: batch statistics, and running averages and power iterations are advanced by assigning the network's state variables;
 * `frozen`: batch statistics without advancing anything; `inference`: running statistics, a deterministic function of one image alone.
 */
export type Mode = 'train' | 'frozen' | 'inference';

export interface Network {
  readonly name: NetworkName;
  /** Trained by gradients. Names are `<network>/<layer>/<what>` and stable: they are the checkpoint's keys. */
  readonly trainable: readonly tf.Variable[];
  /** Running statistics and power-iteration vectors: saved, never trained. */
  readonly state: readonly tf.Variable[];
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

export interface Energy extends Network {
  /** f(x, z) [batch], the NEGATIVE energy of Eq. 7, and the features [batch, n] of the last hidden layer. */
  value(images: tf.Tensor4D, z: tf.Tensor2D, mode: Mode): { f: tf.Tensor1D; features: tf.Tensor2D };
}

export interface Networks {
  readonly spec: NetSpec;
  readonly generator?: Generator;
  readonly inference?: Inference;
  readonly energy?: Energy;
}
