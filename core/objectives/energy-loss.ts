/**
 * The energy model's own loss (Eq. 12 and 19), its logistic variant, and two terms of contrastive learning beside it.
 * Linear: -(g + m) mean f(x, z̃) + g mean f(x̃, z) + m mean f(x, z'); every negative term has its positive counterpart, so a bias
 * cannot run away. The paper's Eq. 12 is g = 1, m = 0. Logistic: each f of a data pair becomes -softplus(-f), each f of a negative
 * pair softplus(f). Contrast: which of the batch's z̃ belongs to x, by f; views: which view belongs to x, by the likeness features.
 */
import * as tf from '@tensorflow/tfjs';
import { contrastLoss } from './contrast.ts';
import type { ObjectiveOptions } from './types.ts';

/** f [batch] of (x, z̃), of (g(z), z), and what further terms read; null where they have no weight. */
export interface PairValues {
  readonly data: tf.Tensor1D;
  readonly samples: tf.Tensor1D;
  /** (x, another image's z̃). */
  readonly mismatched: tf.Tensor1D | null;
  /** f of every x with every z̃ [batch, batch]. */
  readonly matches: tf.Tensor2D | null;
  /** Logits of every x with every view [batch, batch]. */
  readonly views: tf.Tensor2D | null;
}

/** Weights of the terms; in the first one the data pairs weigh as much as all negative pairs together. */
export interface PairWeights {
  /** g: above 0. */
  readonly samples: number;
  /** m. */
  readonly mismatched: number;
  readonly contrast: number;
  readonly views: number;
}

/** Which loss over which pairs. */
export interface EnergyLoss {
  readonly kind: ObjectiveOptions['energyLoss'];
  readonly weights: PairWeights;
}

/** Eq. 12 with the options that all objectives share. */
export function sharedEnergyLoss({ energyLoss: kind, mismatch }: ObjectiveOptions): EnergyLoss {
  return { kind, weights: { samples: 1, mismatched: mismatch, contrast: 0, views: 0 } };
}

/** The loss that the energy model descends. */
export function energyLoss(values: PairValues, { kind, weights }: EnergyLoss): tf.Scalar {
  const logistic = kind === 'logistic';
  const positive = (f: tf.Tensor1D) => tf.mean<tf.Scalar>(logistic ? tf.softplus(tf.neg(f)) : tf.neg(f));
  const negative = (f: tf.Tensor1D) => tf.mean<tf.Scalar>(logistic ? tf.softplus(f) : f);
  const weighted = (term: tf.Scalar, weight: number) => (weight === 1 ? term : tf.mul<tf.Scalar>(term, weight));
  let loss = tf.add<tf.Scalar>(
    weighted(positive(values.data), positiveWeight(weights)),
    weighted(negative(values.samples), weights.samples),
  );
  if (values.mismatched !== null) loss = tf.add(loss, weighted(negative(values.mismatched), weights.mismatched));
  if (values.matches !== null) loss = tf.add(loss, weighted(contrastLoss(values.matches), weights.contrast));
  if (values.views !== null) loss = tf.add(loss, weighted(contrastLoss(values.views), weights.views));
  return loss;
}

function positiveWeight({ samples, mismatched }: PairWeights): number {
  return samples + mismatched;
}

/** How much a player's gradient must be changed where it leaves the energy network: a number, or one for each row [batch]. */
export type PlayerFactor = number | tf.Tensor1D;
export type PlayerFactors = Readonly<Record<'data' | 'samples', PlayerFactor>>;

/**
 * dp/df divided by dL/df for each row, with L the energy's loss and p = weight * mean f the other players' term. One backward pass
 * of L through the energy network gives its weights' gradient; multiplied by these factors at the network's inputs, it is p's as well.
 * This is exact since no row of a batch touches another in that network. The sigmoid is floored so that no quotient overflows.
 */
export function playerFactors(
  values: PairValues,
  weights: { readonly data: number; readonly samples: number },
  loss: EnergyLoss,
): PlayerFactors {
  const onData = positiveWeight(loss.weights);
  const onSamples = loss.weights.samples;
  if (loss.kind === 'linear') return { data: -weights.data / onData, samples: weights.samples / onSamples };
  const slope = (f: tf.Tensor1D) => tf.maximum<tf.Tensor1D>(tf.sigmoid(f), 1e-30);
  return {
    data: tf.div<tf.Tensor1D>(-weights.data / onData, slope(tf.neg(values.data))),
    samples: tf.div<tf.Tensor1D>(weights.samples / onSamples, slope(values.samples)),
  };
}
