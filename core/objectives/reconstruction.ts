/** -log p(x|z) of a Gaussian decoder up to its constant: |x - g(z)|^2 / 2 sigma^2. */
import * as tf from '@tensorflow/tfjs';

/** Sum over pixels, mean over the batch, nats. Its gradient reaches `reconstructions` only: data are no variables. */
export function reconstructionError(images: tf.Tensor4D, reconstructions: tf.Tensor4D, sigma: number): tf.Scalar {
  const scale = 1 / (images.shape[0] * sigma * sigma);
  const operation = tf.customGrad<tf.Scalar>((...given) => {
    const [output, save] = given as [tf.Tensor4D, tf.GradSaveFunc];
    const difference = tf.sub(output, images);
    save([difference]);
    return {
      value: tf.mul<tf.Scalar>(tf.sum(tf.square(difference)), scale / 2),
      gradFunc: (dy, saved) => tf.mul(saved[0] as tf.Tensor, tf.mul(dy, scale)),
    };
  });
  return operation(reconstructions);
}
