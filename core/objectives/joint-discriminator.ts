/**
 * Games with a discriminator of (x, z) pairs: real pairs (x, z̃) with z̃ from the inference model, generated pairs (g(z), z). f is its
 * logit, higher for real pairs, and is the joint energy network of `joint`: the methods differ in what is optimised, not in the nets.
 * (ALI's own discriminator has batch normalisation and dropout, where this one has neither.)
 */
import * as tf from '@tensorflow/tfjs';
import { sampleGaussian } from './gaussian.ts';
import { crossEntropy, energyLogs } from './image-critic.ts';
import type { Turn } from './players.ts';
import { reconstructionError } from './reconstruction.ts';
import type { Objective } from './types.ts';

export const jointNetworks = ['generator', 'inference', 'energy'] as const;
export type JointTurn = Turn<(typeof jointNetworks)[number]>;

/**
 * As in these methods' papers: f must be free to turn on z. With spectral normalisation on every layer the encoders of ALI and BiGAN, which
 * nothing but f teaches, stayed behind, and their reconstructions were nearly alike (docs/experiments.md).
 */
export const jointNets = { energyNorm: 'none' } as const satisfies Objective['nets'];

/** z̃ [batch, latent]: a sample of q(z|x), or its mean where the encoder is deterministic. */
export type Encoder = (turn: Turn<'inference'>) => tf.Tensor2D;

export const stochastic: Encoder = ({ players, inputs }) => {
  const { mean, logVariance } = players.inference.infer(inputs.images, 'frozen');
  return sampleGaussian(mean, logVariance, inputs.noise);
};

export const deterministic: Encoder = ({ players, inputs }) => players.inference.infer(inputs.images, 'frozen').mean;

/** f [batch] of the real pairs. */
export function fOfData(turn: JointTurn, encode: Encoder): tf.Tensor1D {
  return turn.players.energy.value(turn.inputs.images, encode(turn), 'frozen').f;
}

/** f [batch] of the generated pairs. */
export function fOfSamples({ players, inputs }: JointTurn): tf.Tensor1D {
  return players.energy.value(players.generator.generate(inputs.prior, 'frozen'), inputs.prior, 'frozen').f;
}

/** The discriminator's cross entropy: -log D(x, z̃) - log(1 - D(g(z), z)). */
export function discriminatorLoss(turn: JointTurn, encode: Encoder): tf.Scalar {
  return tf.add(crossEntropy(fOfData(turn, encode)), crossEntropy(tf.neg(fOfSamples(turn))));
}

/** -log(1 - D(x, z̃)): the inference model's half of Dumoulin et al.'s Algorithm 1, which does not saturate. */
export function inferenceLoss(turn: JointTurn, encode: Encoder): tf.Scalar {
  return crossEntropy(tf.neg(fOfData(turn, encode)));
}

/** -log D(g(z), z): the generator's half. */
export function generatorLoss(turn: JointTurn): tf.Scalar {
  return crossEntropy(fOfSamples(turn));
}

/** |x - g(z̃)|^2 / 2 sigma^2, nats an image. */
export function cycleOfImages(turn: Turn<'generator' | 'inference'>, encode: Encoder): tf.Scalar {
  const { players, inputs, options } = turn;
  return reconstructionError(inputs.images, players.generator.generate(encode(turn), 'frozen'), options.sigma);
}

const LOG_TWO_PI = Math.log(2 * Math.PI);

/** -log q(z|g(z)), nats, mean over the batch: how well the inference model finds the latent vector of a sample again. */
export function cycleOfLatents({ players, inputs }: Turn<'generator' | 'inference'>): tf.Scalar {
  const { mean, logVariance } = players.inference.infer(players.generator.generate(inputs.prior, 'frozen'), 'frozen');
  const squares = tf.mul(tf.square(tf.sub(inputs.prior, mean)), tf.exp(tf.neg(logVariance)));
  return tf.mean(tf.mul(tf.sum(tf.add(tf.add(squares, logVariance), LOG_TWO_PI), 1), 0.5));
}

/** Energies of real and generated pairs, and the reconstruction, also where no loss has it. */
export function jointLogs(turn: JointTurn, encode: Encoder): Record<string, tf.Scalar> {
  return {
    ...energyLogs(fOfData(turn, encode), fOfSamples(turn)),
    reconstruction: cycleOfImages(turn, encode),
  };
}
