/**
 * One step of the chains by which an objective without a generator draws pictures, as a graph: the gradient of its critic is traced into
 * it, so that drawing needs no TensorFlow.js and can be counted and cancelled step by step.
 */
import type * as tf from '@tensorflow/tfjs';
import { exportGraph } from '../backends/graphs.ts';
import type { Networks } from '../nets/types.ts';
import type { Objective, ObjectiveOptions } from '../objectives/types.ts';

/** Beside the networks' own graphs; made for this program's use, so no part of what `triangle export` writes. */
export const chainFile = 'chain.onnx';

/** The graph, and how many steps a chain has. */
export interface ExportedChain {
  readonly graph: Uint8Array;
  readonly steps: number;
}

/** Null for an objective that has a generator, or no way to sample. */
export async function exportChain(
  networks: Networks,
  { sampler }: Objective,
  options: ObjectiveOptions,
): Promise<ExportedChain | null> {
  if (sampler === undefined || networks.generator !== undefined) return null;
  const shape = [networks.spec.size, networks.spec.size, networks.spec.channels];
  const graph = await exportGraph({
    inputs: { images: shape, noise: shape },
    forward: ({ images, noise }) => ({
      next: sampler.step(networks, images as tf.Tensor4D, noise as tf.Tensor4D, options),
    }),
  });
  return { graph, steps: sampler.steps(options) };
}
