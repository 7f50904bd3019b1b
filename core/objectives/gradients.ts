/** Tools for taking several players' gradients in one backward pass. */
import * as tf from '@tensorflow/tfjs';
import type { NamedVariables, Network } from '../nets/types.ts';

/** The identity, through which the gradient is changed by `change`. */
export function changeGradient<X extends tf.Tensor>(x: X, change: (dy: tf.Tensor) => tf.Tensor): X {
  const operation = tf.customGrad<X>((...given) => ({
    value: tf.clone(given[0] as X),
    gradFunc: (dy) => change(dy),
  }));
  return operation(x);
}

/** The identity, through which no gradient flows. */
export function stopGradient<X extends tf.Tensor>(x: X): X {
  return changeGradient(x, (dy) => tf.zerosLike(dy));
}

export interface LossAndRest {
  readonly loss: tf.Scalar;
  /** Other tensors that the caller wants from the same forward pass. */
  readonly rest: Readonly<Record<string, tf.Tensor>>;
}

/** Gradients of `forward().loss` by stable names (zeros where it does not depend on a variable), and the rest. */
export function gradientsOf(
  forward: () => LossAndRest,
  variables: NamedVariables,
): { gradients: Record<string, tf.Tensor>; rest: Record<string, tf.Tensor> } {
  const kept: Record<string, tf.Tensor> = {};
  const { grads, value } = tf.variableGrads(() => {
    const { loss, rest } = forward();
    for (const [name, tensor] of Object.entries(rest)) kept[name] = tf.keep(tf.clone(tensor));
    return loss;
  }, [...variables.values()]);
  value.dispose();
  const gradients: Record<string, tf.Tensor> = {};
  for (const [name, variable] of variables) gradients[name] = grads[variable.name] ?? tf.zerosLike(variable);
  // What variableGrads tidied away was saved by keep(); handed on as clones it belongs to the caller's scope again.
  const rest: Record<string, tf.Tensor> = {};
  for (const [name, tensor] of Object.entries(kept)) {
    rest[name] = tf.clone(tensor);
    tensor.dispose();
  }
  return { gradients, rest };
}

/** The trained variables of several networks. */
export function trainableOf(networks: readonly Network[]): NamedVariables {
  return new Map(networks.flatMap((network) => [...network.trainable]));
}
