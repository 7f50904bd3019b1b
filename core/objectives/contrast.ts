/** Which of a batch's rows belongs to which: the loss of contrastive learning. */
import * as tf from '@tensorflow/tfjs';

/**
 * -mean log softmax(logits)[i, i] for logits [batch, batch]: row i is to choose column i among all columns (InfoNCE; van den Oord et al.
 * 2018, Eq. 4, with the other rows' columns as negatives).
 */
export function contrastLoss(logits: tf.Tensor2D): tf.Scalar {
  const batch = logits.shape[0];
  const own = tf.sum(tf.mul(logits, tf.eye(batch)), 1);
  return tf.mean(tf.sub(tf.logSumExp(logits, 1), own));
}

/** Inverse temperature of likenesses, which are cosines. */
const SHARPNESS = 20;

/** Logits [batch, batch] of rows of length one: which view belongs to which image (Chen et al. 2020, NT-Xent). */
export function likenessLogits(images: tf.Tensor2D, views: tf.Tensor2D): tf.Tensor2D {
  return tf.mul(tf.matMul(images, views, false, true), SHARPNESS);
}
