/** Pairs that do not belong together. */
import * as tf from '@tensorflow/tfjs';

/** Row i of the result is row i + 1 of z: every image meets another image's latent vector. */
export function rotateRows(z: tf.Tensor2D): tf.Tensor2D {
  return tf.concat([tf.slice(z, [1, 0]), tf.slice(z, [0, 0], [1, -1])], 0);
}
