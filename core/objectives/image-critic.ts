/** What methods with an image-only critic share: f of data and of samples, and the logs that tell them apart. */
import * as tf from '@tensorflow/tfjs';
import type { Turn } from './players.ts';

export type CriticTurn = Turn<'generator' | 'critic'>;

/** x̃ = g(z) for the prior's z [batch, size, size, channels]. */
export function samplesOf({ players, inputs }: Turn<'generator'>): tf.Tensor4D {
  return players.generator.generate(inputs.prior, 'frozen');
}

/** f [batch] of images. */
export function criticOf({ players }: Turn<'critic'>, images: tf.Tensor4D): tf.Tensor1D {
  return players.critic.value(images, 'frozen').f;
}

/** Mean -f of data and of other pictures, and how far apart they are. */
export function energyLogs(data: tf.Tensor1D, samples: tf.Tensor1D): Record<string, tf.Scalar> {
  const energyData = tf.neg<tf.Scalar>(tf.mean(data));
  const energySamples = tf.neg<tf.Scalar>(tf.mean(samples));
  return { energyData, energySamples, gap: tf.sub(energySamples, energyData) };
}

/** The logs of a critic against a generator. */
export function criticLogs(turn: CriticTurn): Record<string, tf.Scalar> {
  return energyLogs(criticOf(turn, turn.inputs.images), criticOf(turn, samplesOf(turn)));
}

/** -log sigmoid(f), mean over the batch: cross entropy with the label "data"; with -f, with the label "sample". */
export function crossEntropy(f: tf.Tensor1D): tf.Scalar {
  return tf.mean(tf.softplus(tf.neg(f)));
}
