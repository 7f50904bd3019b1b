/** The training steps that are measured: batch 64, images of 32x32 pixels and one channel, widths 32-64-128, Adam. */
import { makeAutoencoder } from '../core/backends/self-test-step.ts';
import type { Feeds, StepRequest } from '../core/backends/types.ts';
import { createNetworks } from '../core/nets/networks.ts';
import { resolveOptions } from '../core/objectives/options.ts';
import { findObjective } from '../core/objectives/registry.ts';
import { Random } from '../core/random.ts';
import { NoiseSource } from '../core/training/noise.ts';
import { createTrainingStep } from '../core/training/step.ts';

export const taskNames = ['autoencoder', 'joint'] as const;
export type TaskName = (typeof taskNames)[number];

export interface Task {
  readonly request: StepRequest;
  readonly feeds: Feeds;
}

const batch = 64;
const size = 32;
const channels = 1;
const latent = 64;

/** Makes the step's variables on tfjs's current backend; they live as long as the process. */
export function makeTask(name: TaskName): Task {
  switch (name) {
    case 'autoencoder': {
      const request = makeAutoencoder({ batch, size, channels, widths: [32, 64, 128], batchNormalisation: false });
      return { request, feeds: request.feedsOf(0) };
    }
    case 'joint':
      return jointTask();
  }
}

/** The paper's joint step as `triangle train` runs it: three networks, clipping and a moving average included. */
function jointTask(): Task {
  const objective = findObjective('joint');
  const networks = createNetworks({ size, channels, width: 32, latent }, objective.networks, 1);
  const optimiser = { beta1: 0.5, beta2: 0.999, clip: 10, averaging: 0.999 };
  const step = createTrainingStep({ networks, objective, options: resolveOptions(objective), optimiser, batch });
  const images = Random.seeded(1, 'benchmark').normals(batch * size * size * channels, 0.5);
  const noise = new NoiseSource(1).next(batch, latent);
  const rates = { generator: 1e-4, inference: 1e-4, energy: 1e-4 };
  return { request: step.request, feeds: step.feeds(images.map(Math.tanh), noise, 1, rates) };
}
