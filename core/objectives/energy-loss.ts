/**
 * The energy model's own loss (Eq. 12 and 19) over three kinds of pairs, and its logistic and mismatched variants.
 * Linear: -(1 + m) mean f(x, z̃) + mean f(x̃, z) + m mean f(x, z'); every negative term has its positive counterpart, so a bias cannot
 * run away. Logistic: each f of a data pair becomes -softplus(-f), each f of a negative pair softplus(f).
 */
import * as tf from '@tensorflow/tfjs';
import type { ObjectiveOptions } from './types.ts';

/** f [batch] of (x, z̃), (g(z), z) and, where the option `mismatch` is not 0, (x, another image's z̃). */
export interface PairValues {
  readonly data: tf.Tensor1D;
  readonly samples: tf.Tensor1D;
  readonly mismatched: tf.Tensor1D | null;
}

type LossOptions = Pick<ObjectiveOptions, 'energyLoss' | 'mismatch'>;

/** The loss that the energy model descends. */
export function energyLoss(values: PairValues, options: LossOptions): tf.Scalar {
  const logistic = options.energyLoss === 'logistic';
  const positive = (f: tf.Tensor1D) => tf.mean<tf.Scalar>(logistic ? tf.softplus(tf.neg(f)) : tf.neg(f));
  const negative = (f: tf.Tensor1D) => tf.mean<tf.Scalar>(logistic ? tf.softplus(f) : f);
  const paper = tf.add<tf.Scalar>(
    tf.mul(positive(values.data), positiveWeight(values, options)),
    negative(values.samples),
  );
  return values.mismatched === null ? paper : tf.add(paper, tf.mul(negative(values.mismatched), options.mismatch));
}

function positiveWeight(values: PairValues, options: LossOptions): number {
  return values.mismatched === null ? 1 : 1 + options.mismatch;
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
  options: LossOptions,
): PlayerFactors {
  const onData = positiveWeight(values, options);
  if (options.energyLoss === 'linear') return { data: -weights.data / onData, samples: weights.samples };
  const slope = (f: tf.Tensor1D) => tf.maximum<tf.Tensor1D>(tf.sigmoid(f), 1e-30);
  return {
    data: tf.div<tf.Tensor1D>(-weights.data / onData, slope(tf.neg(values.data))),
    samples: tf.div<tf.Tensor1D>(weights.samples, slope(values.samples)),
  };
}
