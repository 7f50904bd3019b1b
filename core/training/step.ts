/** One training step as a pure function of feeds and variables: the objective's gradients, then the optimiser. No data, no files. */
import type * as tf from '@tensorflow/tfjs';
import type { Feeds, FeedSpec, StepRequest } from '../backends/types.ts';
import { namedTensors, presentNetworks } from '../nets/networks.ts';
import type { NamedVariables, NetworkName, Networks } from '../nets/types.ts';
import type { Objective, ObjectiveOptions } from '../objectives/types.ts';
import { createAdam, type OptimiserSettings } from './adam.ts';
import type { StepNoise } from './noise.ts';

export interface StepSettings {
  readonly networks: Networks;
  readonly objective: Objective;
  readonly options: ObjectiveOptions;
  readonly optimiser: OptimiserSettings;
  readonly batch: number;
}

export interface TrainingStep {
  /** For `Device.compileStep`. Returns the objective's logs and `gradientNorm<Network>`. */
  readonly request: StepRequest;
  /** Weights, state, moments and averages by checkpoint name: with the random states, all that a resume needs. */
  readonly saved: NamedVariables;
  /** The feeds of update number `update` (from 1); `images` is float32 NHWC in [-1, 1]. */
  feeds(images: Float32Array, noise: StepNoise, update: number, rates: Readonly<Record<NetworkName, number>>): Feeds;
  /** Disposes the optimiser's variables; the networks stay the caller's. */
  dispose(): void;
}

/** Makes the step of any objective; variables are created on tfjs's current backend. */
export function createTrainingStep({ networks, objective, options, optimiser, batch }: StepSettings): TrainingStep {
  const { size, channels, latent } = networks.spec;
  const adam = createAdam(presentNetworks(networks), optimiser);
  const saved = new Map([...namedTensors(networks), ...adam.variables]);
  const feeds: Record<string, FeedSpec> = {
    images: { shape: [batch, size, size, channels], dtype: 'float32' },
    prior: { shape: [batch, latent], dtype: 'float32' },
    noise: { shape: [batch, latent], dtype: 'float32' },
    ...adam.feeds,
  };
  const step: StepRequest['step'] = (fed) => {
    const inputs = {
      images: fed['images'] as tf.Tensor4D,
      prior: fed['prior'] as tf.Tensor2D,
      noise: fed['noise'] as tf.Tensor2D,
    };
    const { gradients, logs } = objective.step(networks, inputs, options);
    return { ...logs, ...adam.apply(gradients, fed) };
  };
  return {
    request: { feeds, variables: [...saved.values()], step },
    saved,
    feeds: (images, noise, update, rates) => ({ images, ...noise, ...adam.scalars(update, rates) }),
    dispose: () => adam.dispose(),
  };
}
