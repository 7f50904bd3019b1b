/** Diagonal Gaussians: sampling by reparametrisation (Eq. 18) and log-densities, in nats. */
import * as tf from '@tensorflow/tfjs';

const LOG_TWO_PI = Math.log(2 * Math.PI);

/** z = mean + exp(logVariance / 2) noise [batch, latent] (Eq. 18). */
export function sampleGaussian(mean: tf.Tensor2D, logVariance: tf.Tensor2D, noise: tf.Tensor2D): tf.Tensor2D {
  return tf.add(mean, tf.mul(tf.exp(tf.mul(logVariance, 0.5)), noise));
}

/** -log p(z) under N(0, I) [batch]. */
export function negativeLogPrior(z: tf.Tensor2D): tf.Tensor1D {
  return tf.mul(tf.sum(tf.add(tf.square(z), LOG_TWO_PI), 1), 0.5);
}

/**
 * log q(z|x) [batch] at the sample that {@link sampleGaussian} makes of `noise`: there (z - mean) / sd is the noise itself, so the
 * mean drops out.
 */
export function logDensityOfSample(logVariance: tf.Tensor2D, noise: tf.Tensor2D): tf.Tensor1D {
  return tf.mul(tf.sum(tf.add(tf.add(tf.square(noise), logVariance), LOG_TWO_PI), 1), -0.5);
}

/** E[log q(z|x)] [batch]: minus the entropy. */
export function negativeEntropy(logVariance: tf.Tensor2D): tf.Tensor1D {
  return tf.mul(tf.sum(tf.add(logVariance, 1 + LOG_TWO_PI), 1), -0.5);
}
