/** KL(N(mean, exp(logVariance)) | N(0, I)) in closed form (Kingma and Welling 2014, appendix B). */
import * as tf from '@tensorflow/tfjs';

/** Nats, [batch]. */
export function klToStandardNormal(mean: tf.Tensor2D, logVariance: tf.Tensor2D): tf.Tensor1D {
  const excess = tf.sub(tf.add(tf.square(mean), tf.exp(logVariance)), tf.add(logVariance, 1));
  return tf.mul(tf.sum(excess, 1), 0.5);
}
