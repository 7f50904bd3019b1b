/**
 * ReLU and leaky ReLU whose gradients are masks made of their own outputs in two arithmetic operations: comparing and selecting
 * instead took twice the passes over arrays that are among the largest of a step.
 */
import * as tf from '@tensorflow/tfjs';

/** Slope of leaky ReLU on the negative side, DCGAN's. */
const LEAK = 0.2;
/** Lifts every positive output that matters above 1; what is smaller than its inverse counts as zero. */
const STEEP = 1e30;

export function relu<X extends tf.Tensor>(x: X): X {
  return masked(x, (input) => tf.relu(input), 0);
}

/** x where positive, else 0.2 x. */
export function leakyRelu<X extends tf.Tensor>(x: X): X {
  return masked(x, (input) => tf.leakyRelu(input, LEAK), LEAK);
}

/** An activation of slope 1 where its output is positive and `slope` elsewhere. */
function masked<X extends tf.Tensor>(x: X, activate: (x: X) => X, slope: number): X {
  const operation = tf.customGrad<X>((...given) => {
    const [input, save] = given as [X, tf.GradSaveFunc];
    const value = activate(input);
    save([value]);
    return {
      value,
      gradFunc: (dy, saved) => tf.mul(dy, tf.clipByValue(tf.mul(saved[0] as X, STEEP), slope, 1)),
    };
  });
  return operation(x);
}
