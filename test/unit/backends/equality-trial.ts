/**
 * Three updates of a small training step on one device: the weights that result. Also a program of its own, so that a device can run in
 * a child process: `equality-trial <device> <mode> <model>` prints `WEIGHTS {json}`.
 */
import * as tf from '@tensorflow/tfjs';
import { openBackend } from '../../../core/backends/devices-open.ts';
import { engineStatistics } from '../../../core/backends/onnx/index.ts';
import { makeAutoencoder } from '../../../core/backends/self-test-step.ts';
import { eagerDevice } from '../../../core/backends/eager.ts';
import type { DeviceName, Feeds, StepProgram, StepRequest } from '../../../core/backends/types.ts';
import { createNetworks, disposeNetworks, namedTensors } from '../../../core/nets/networks.ts';
import { resolveOptions } from '../../../core/objectives/options.ts';
import { findObjective } from '../../../core/objectives/registry.ts';
import { Random } from '../../../core/random.ts';
import { NoiseSource } from '../../../core/training/noise.ts';
import { createTrainingStep } from '../../../core/training/step.ts';

export type Mode = 'captured' | 'lazy';
export const modelNames = ['autoencoder', 'joint step', 'joint-plus step', 'vae step'] as const;
export type ModelName = (typeof modelNames)[number];

export interface Trial {
  /** Weights, running statistics and power-iteration vectors, in a fixed order. */
  readonly weights: readonly (readonly number[])[];
  /** Kernels that fell back to tfjs's cpu code. */
  readonly fallbacks: readonly string[];
  /** Tensors that were left behind, the model's own disposed. */
  readonly leaked: number;
}

const updates = 3;

interface Model extends StepRequest {
  readonly weights: readonly tf.Variable[];
  feedsOf(step: number): Feeds;
  dispose(): void;
}

export async function runTrial(name: DeviceName, mode: Mode, modelName: ModelName): Promise<Trial> {
  const info = { name, description: name, adapter: null, reason: 'test' };
  const device = await openBackend(info, 1);
  const before = tf.memory().numTensors;
  const model = makeModel(modelName);
  // An eager step on the lazy backend records each operation and runs them when the results are read.
  const program: StepProgram = (mode === 'lazy' ? eagerDevice(info) : device).compileStep(model);
  for (let step = 0; step < updates; step++) await program.run(model.feedsOf(step));
  const weights: number[][] = [];
  for (const weight of model.weights) weights.push([...(await weight.data())]);
  const fallbacks = [...engineStatistics().fallbacks.keys()];
  program.dispose();
  model.dispose();
  return { weights, fallbacks, leaked: tf.memory().numTensors - before };
}

function makeModel(name: ModelName): Model {
  // Channel counts that are no multiple of 4 are where GPU kernels differ.
  if (name === 'autoencoder')
    return makeAutoencoder({ batch: 6, size: 8, channels: 1, widths: [6, 8], batchNormalisation: true });
  return makeTrainingModel(name.replace(' step', ''));
}

/** The step that `triangle train` runs, on tiny networks with fixed feeds. */
function makeTrainingModel(objectiveName: string): Model {
  const spec = { size: 28, channels: 1, width: 4, latent: 5 } as const;
  const batch = 6;
  const objective = findObjective(objectiveName);
  const networks = createNetworks(spec, objective.networks, 1);
  const optimiser = { beta1: 0.5, beta2: 0.999, clip: 10, averaging: 0.99 };
  const step = createTrainingStep({ networks, objective, options: resolveOptions(objective), optimiser, batch });
  return {
    ...step.request,
    weights: [...namedTensors(networks).values()],
    feedsOf: (update) => {
      const random = Random.seeded(update, 'images');
      const images = random.normals(batch * spec.size * spec.size, 0.5).map(Math.tanh);
      const noise = new NoiseSource(update).next(batch, spec.latent);
      return step.feeds(images, noise, update + 1, { generator: 1e-3, inference: 1e-3, energy: 1e-3 });
    },
    dispose: () => {
      step.dispose();
      disposeNetworks(networks);
    },
  };
}
