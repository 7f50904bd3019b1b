/**
 * Losses and gradients of the divergence triangle KL(q|p) + w [KL(p|pi) - KL(q|pi)] (Eq. 9 to 21), for both ways of learning the
 * inference model. Every sum runs over pixels and latent units, every mean over the batch; w weighs the divergences with pi.
 *
 * Simultaneous updates: all players' gradients are taken at the same weights, from one forward pass, where Algorithm 1 updates
 * energy, inference and generator in turn. The generator runs twice, on z̃ and on the prior's z, each with its own batch statistics
 * (one joint batch would leak the synthesis term into the inference model through those statistics). Both passes advance its
 * running statistics in turn, so that at inference reconstructions and samples are equally well served.
 */
import * as tf from '@tensorflow/tfjs';
import type { Energy, Inference, Mode, Networks } from '../nets/types.ts';
import { likenessLogits } from './contrast.ts';
import {
  energyLoss,
  playerFactors,
  sharedEnergyLoss,
  type EnergyLoss,
  type PairValues,
  type PairWeights,
  type PlayerFactor,
  type PlayerFactors,
} from './energy-loss.ts';
import { logDensityOfSample, negativeEntropy, negativeLogPrior, sampleGaussian } from './gaussian.ts';
import { changeGradient, gradientsOf, stopGradient, trainableOf } from './gradients.ts';
import { klToStandardNormal } from './kl.ts';
import { rotateRows } from './mismatch.ts';
import { playersOf } from './players.ts';
import { reconstructionError } from './reconstruction.ts';
import type { ObjectiveOptions, StepInputs, StepResult } from './types.ts';

/** `minus`: Eq. 15, q is drawn away from pi; `plus`: Eq. 17, towards it. */
export type InferenceSign = 'minus' | 'plus';

interface Posterior {
  readonly mean: tf.Tensor2D;
  readonly logVariance: tf.Tensor2D;
  /** The sample z̃. */
  readonly z: tf.Tensor2D;
}

const names = ['generator', 'inference', 'energy'] as const;

function infer(inference: Inference, inputs: StepInputs, mode: Mode): Posterior {
  const { mean, logVariance } = inference.infer(inputs.images, mode);
  return { mean, logVariance, z: sampleGaussian(mean, logVariance, inputs.noise) };
}

/**
 * The inference model's terms beside reconstruction and f: KL(q|p), and the entropy in w KL(q|pi).
 * `minus`, `exact`: (1 - w) log q - log p, that is Eq. 16 where log q cancels at w = 1. `minus`, `kl`: the entropy of the second
 * divergence is left out, since without any the variance of q collapses. `plus`: (1 + w) log q - log p, sampled or in closed form.
 */
function posteriorTerm(
  posterior: Posterior,
  noise: tf.Tensor2D,
  sign: InferenceSign,
  options: ObjectiveOptions,
): tf.Scalar {
  const { mean, logVariance, z } = posterior;
  const w = options.adversarialWeight;
  if (options.entropy === 'exact') {
    const logQ = tf.mul(logDensityOfSample(logVariance, noise), sign === 'minus' ? 1 - w : 1 + w);
    return tf.mean(tf.add(logQ, negativeLogPrior(z)));
  }
  const kl = klToStandardNormal(mean, logVariance);
  return tf.mean(sign === 'minus' ? kl : tf.add(kl, tf.mul(negativeEntropy(logVariance), w)));
}

/** Each player's loss as its equation has it; nothing is shared and no state advances. The caller tidies. */
export function triangleLosses(
  networks: Networks,
  inputs: StepInputs,
  options: ObjectiveOptions,
  sign: InferenceSign,
  pairs: EnergyLoss = sharedEnergyLoss(options),
): Record<(typeof names)[number], tf.Scalar> {
  const { generator, inference, energy } = playersOf(networks, names);
  const posterior = infer(inference, inputs, 'frozen');
  const reconstructions = generator.generate(posterior.z, 'frozen');
  const samples = generator.generate(inputs.prior, 'frozen');
  const data = energy.value(inputs.images, posterior.z, 'frozen').f;
  const synthesised = energy.value(samples, inputs.prior, 'frozen').f;
  const mismatched =
    pairs.weights.mismatched > 0 ? energy.value(inputs.images, rotateRows(posterior.z), 'frozen').f : null;
  const reconstruction = reconstructionError(inputs.images, reconstructions, options.sigma);
  const w = options.adversarialWeight;
  const onData = tf.mul<tf.Scalar>(tf.mean(data), sign === 'minus' ? w : -w);
  return {
    energy: energyLoss(
      { data, samples: synthesised, mismatched, ...contrasts(energy, posterior.z, inputs, pairs) },
      pairs,
    ),
    inference: tf.addN([reconstruction, posteriorTerm(posterior, inputs.noise, sign, options), onData]),
    generator: tf.sub(reconstruction, tf.mul(tf.mean(synthesised), w)),
  };
}

/** What the contrastive terms read, from passes of their own. */
function contrasts(
  energy: Energy,
  z: tf.Tensor2D,
  inputs: StepInputs,
  { weights }: EnergyLoss,
): Pick<PairValues, 'matches' | 'views'> {
  const h = energy.encodeImages(inputs.images, 'frozen');
  const changed = viewsIn(inputs, weights);
  return {
    matches: weights.contrast > 0 ? energy.joinAll(h, energy.encodeLatents(z, 'frozen'), 'frozen') : null,
    views:
      changed === null
        ? null
        : likenessLogits(energy.likeness(h), energy.likeness(energy.encodeImages(changed, 'frozen'))),
  };
}

/** The views that the objective prepared; null where they have no weight. */
function viewsIn({ prepared }: StepInputs, { views }: PairWeights): tf.Tensor4D | null {
  return views > 0 ? (prepared?.['views'] as tf.Tensor4D) : null;
}

/** Multiplies the gradient of each row by its factor. */
function scaleRows(dy: tf.Tensor, factor: PlayerFactor): tf.Tensor {
  if (typeof factor === 'number') return tf.mul(dy, factor);
  return tf.mul(dy, tf.reshape(factor, [-1, ...dy.shape.slice(1).map(() => 1)]));
}

/**
 * f of all pairs from one pass of each path: images [x; x̃; views], latents [z̃; z; z̃ turned; z̃]. `factors` is read when the gradients
 * leave the network at x̃ and z̃, that is in the backward pass; through the last two copies of z̃ none leaves it.
 */
function energyPass(
  energy: Energy,
  inputs: StepInputs,
  samples: tf.Tensor4D,
  latents: tf.Tensor2D,
  weights: PairWeights,
  factors: () => PlayerFactors,
): PairValues {
  const batch = inputs.images.shape[0];
  const z = changeGradient(latents, (dy) => scaleRows(dy, factors().data));
  const x = changeGradient(samples, (dy) => scaleRows(dy, factors().samples));
  const changed = viewsIn(inputs, weights);
  const h = energy.encodeImages(tf.concat([inputs.images, x, ...(changed === null ? [] : [changed])], 0), 'train');
  const fixed = stopGradient(latents);
  const turned = weights.mismatched > 0 ? [rotateRows(fixed)] : [];
  const own = weights.contrast > 0 ? [fixed] : [];
  const k = energy.encodeLatents(tf.concat([z, inputs.prior, ...turned, ...own], 0), 'train');
  const rows = (of: tf.Tensor2D, block: number, blocks = 1) => tf.slice(of, [block * batch, 0], [blocks * batch, -1]);
  const ofImages = rows(h, 0);
  const images = turned.length === 0 ? rows(h, 0, 2) : tf.concat([rows(h, 0, 2), ofImages], 0);
  const { f } = energy.join(images, rows(k, 0, 2 + turned.length), 'train');
  const part = (index: number) => tf.slice(f, [index * batch], [batch]);
  return {
    data: part(0),
    samples: part(1),
    mismatched: turned.length === 0 ? null : part(2),
    matches: own.length === 0 ? null : energy.joinAll(ofImages, rows(k, 2 + turned.length), 'train'),
    views: changed === null ? null : likenessLogits(energy.likeness(ofImages), energy.likeness(rows(h, 2))),
  };
}

/**
 * All gradients from one scalar, reconstruction + posterior term + the energy's loss. What flows from the energy network into x̃
 * and z̃ is changed to the other players' terms on its way (see {@link playerFactors}); each weight thus receives exactly the gradient
 * of its own player's loss.
 */
export function triangleStep(
  networks: Networks,
  inputs: StepInputs,
  options: ObjectiveOptions,
  sign: InferenceSign,
  pairs: EnergyLoss = sharedEnergyLoss(options),
): StepResult {
  const { generator, inference, energy } = playersOf(networks, names);
  const w = options.adversarialWeight;
  const weights = { data: sign === 'minus' ? w : -w, samples: -w };
  let factors: PlayerFactors = { data: 0, samples: 0 };
  const forward = () => {
    const posterior = infer(inference, inputs, 'train');
    const reconstructions = generator.generate(posterior.z, 'train');
    const samples = generator.generate(inputs.prior, 'train');
    const values = energyPass(energy, inputs, samples, posterior.z, pairs.weights, () => factors);
    // Needed in the backward pass, when the forward pass has been tidied away.
    factors = playerFactors(values, weights, pairs);
    for (const factor of Object.values(factors)) if (typeof factor !== 'number') tf.keep(factor);
    const reconstruction = reconstructionError(inputs.images, reconstructions, options.sigma);
    const posteriorLoss = posteriorTerm(posterior, inputs.noise, sign, options);
    const loss: tf.Scalar = tf.addN([reconstruction, posteriorLoss, energyLoss(values, pairs)]);
    return { loss, rest: logsOf(values, reconstruction, posterior) };
  };
  const { gradients, rest } = gradientsOf(forward, trainableOf([generator, inference, energy]));
  for (const factor of Object.values(factors)) if (typeof factor !== 'number') factor.dispose();
  return { gradients, logs: rest as Record<string, tf.Scalar> };
}

function logsOf(values: PairValues, reconstruction: tf.Scalar, posterior: Posterior): Record<string, tf.Scalar> {
  const energyData = tf.neg<tf.Scalar>(tf.mean(values.data));
  const energySamples = tf.neg<tf.Scalar>(tf.mean(values.samples));
  return {
    energyData,
    energySamples,
    gap: tf.sub(energySamples, energyData),
    reconstruction,
    kl: tf.mean(klToStandardNormal(posterior.mean, posterior.logVariance)),
  };
}
