/** The training steps that are measured: on images of 32x32 pixels and one channel, or a preset's own. */
import type * as tf from '@tensorflow/tfjs';
import { makeAutoencoder } from '../core/backends/self-test-step.ts';
import type { Feeds, StepRequest } from '../core/backends/types.ts';
import { createNetworks, presentNetworks } from '../core/nets/networks.ts';
import type { NetSpec } from '../core/nets/types.ts';
import { resolveOptions } from '../core/objectives/options.ts';
import { findObjective } from '../core/objectives/registry.ts';
import { findPreset } from '../core/presets.ts';
import { Random } from '../core/random.ts';
import { NoiseSource } from '../core/training/noise.ts';
import { createTrainingStep } from '../core/training/step.ts';

export const taskNames = ['autoencoder', 'joint'] as const;
export type TaskName = (typeof taskNames)[number];

export interface TaskSize {
  readonly batch: number;
  /** Channels of the first convolution; doubled in the second and third. */
  readonly width: number;
}

export interface Task {
  readonly request: StepRequest;
  /** Of update number `update` (from 1): always the same for the same number. */
  feedsOf(update: number): Feeds;
  /** What is trained by gradients, by name. */
  readonly weights: ReadonlyMap<string, tf.Variable>;
}

const size = 32;
const channels = 1;
const latent = 64;

/** Makes the step's variables on tfjs's current backend; they live as long as the process. */
export function makeTask(name: TaskName, { batch, width }: TaskSize): Task {
  switch (name) {
    case 'autoencoder': {
      const widths = [width, 2 * width, 4 * width];
      const model = makeAutoencoder({ batch, size, channels, widths, batchNormalisation: false });
      const weights = new Map(model.weights.map((weight, index) => [String(index), weight]));
      return { request: model, feedsOf: (update) => model.feedsOf(update), weights };
    }
    case 'joint':
      return jointTask({ size, channels, width, latent }, batch);
  }
}

/** The joint step at a preset's own sizes and batch. */
export function makePresetTask(preset: string): Task {
  const { nets, training } = findPreset(preset);
  return jointTask(nets, training.batch);
}

/** The paper's joint step as `triangle train` runs it: three networks, clipping and a moving average included. */
function jointTask(nets: NetSpec, batch: number): Task {
  const objective = findObjective('joint');
  const networks = createNetworks(nets, objective.networks, 1);
  const optimiser = { beta1: 0.5, beta2: 0.999, clip: 10, averaging: 0.999 };
  const step = createTrainingStep({ networks, objective, options: resolveOptions(objective), optimiser, batch });
  const rates = { generator: 1e-4, inference: 1e-4, energy: 1e-4 };
  return {
    request: step.request,
    feedsOf: (update) => {
      const images = Random.seeded(update, 'benchmark').normals(batch * nets.size ** 2 * nets.channels, 0.5);
      return step.feeds(images.map(Math.tanh), new NoiseSource(update).next(batch, nets.latent), update, rates);
    },
    weights: new Map(presentNetworks(networks).flatMap((network) => [...network.trainable])),
  };
}
