/** Counts the floating-point operations of convolutions and matrix products while a function runs, from the shapes of its kernels. */
import * as tf from '@tensorflow/tfjs';

type RunKernel = (name: string, inputs: tf.NamedTensorMap, attributes?: object) => tf.Tensor | tf.Tensor[];

/** Operations (two for each multiplication) of everything that `action` computes or records. */
export async function countOperations(action: () => Promise<unknown>): Promise<number> {
  const engine = tf.engine() as unknown as { runKernel?: RunKernel };
  const original = (engine.runKernel as RunKernel).bind(tf.engine());
  let operations = 0;
  engine.runKernel = (name, inputs, attributes) => {
    const result = original(name, inputs, attributes);
    if (!Array.isArray(result)) operations += operationsOf(name, inputs, result, attributes ?? {});
    return result;
  };
  try {
    await action();
  } finally {
    // The method of the class shows through again.
    delete engine.runKernel;
  }
  return operations;
}

function operationsOf(name: string, inputs: tf.NamedTensorMap, result: tf.Tensor, attributes: object): number {
  const { filter, dy, a } = inputs;
  // Each element of the convolution's own output (dy in its gradients) takes kernel height x width x input channels products.
  const taps = (shape: readonly number[] = []): number => (shape[0] ?? 0) * (shape[1] ?? 0) * (shape[2] ?? 0);
  switch (name) {
    case tf.Conv2D:
    case tf.FusedConv2D:
      return 2 * result.size * taps(filter?.shape);
    case tf.Conv2DBackpropInput:
      return 2 * (dy?.size ?? 0) * taps(filter?.shape);
    case tf.Conv2DBackpropFilter:
      return 2 * (dy?.size ?? 0) * taps(result.shape);
    case tf.BatchMatMul:
    case tf._FusedMatMul: {
      const transposed = 'transposeA' in attributes && attributes.transposeA === true;
      return 2 * result.size * (a?.shape.at(transposed ? -2 : -1) ?? 0);
    }
    default:
      return 0;
  }
}
