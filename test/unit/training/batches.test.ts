/** Batches that do not fill the engine's blocks of 16, and datasets that do not fill a batch: the fast path and the standard one agree. */
import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { compileStep, registerOnnxBackend } from '../../../core/backends/onnx/index.ts';
import { BatchStream } from '../../../core/datasets/batches.ts';
import { createNetworks, disposeNetworks } from '../../../core/nets/networks.ts';
import { resolveOptions } from '../../../core/objectives/options.ts';
import { findObjective } from '../../../core/objectives/registry.ts';
import { NoiseSource } from '../../../core/training/noise.ts';
import { createTrainingStep } from '../../../core/training/step.ts';
import { tinyDataset } from './tiny.ts';

const nets = { size: 8, channels: 1, width: 16, latent: 3 } as const;
const rates = { generator: 1e-3, inference: 1e-3, energy: 1e-3 };

/** All weights after three joint steps on `count` images in batches of `batch`, one array. */
async function weightsAfter(blocked: boolean, batch: number, count: number): Promise<Float32Array> {
  await tf.setBackend(await registerOnnxBackend({ provider: 'cpu', threads: 1, blocked }));
  const { dataset } = tinyDataset(count);
  const indices = Int32Array.from({ length: count }, (_, i) => i);
  const stream = new BatchStream({ dataset, indices, batchSize: batch, seed: 1 });
  const objective = findObjective('joint');
  const networks = createNetworks(nets, objective.networks, 1);
  const optimiser = { beta1: 0.5, beta2: 0.999, clip: 100, averaging: 0.9 };
  const step = createTrainingStep({ networks, objective, options: resolveOptions(objective), optimiser, batch });
  const program = compileStep(step.request);
  const noise = new NoiseSource(1);
  for (let update = 1; update <= 3; update++) {
    const { images } = stream.next();
    await program.run(step.feeds(images, noise.next(batch, nets.latent), update, rates));
  }
  const values = [...step.saved.values()].flatMap((variable) => Array.from(variable.dataSync()));
  program.dispose();
  step.dispose();
  disposeNetworks(networks);
  return Float32Array.from(values);
}

describe('batches that do not fill blocks', () => {
  it.each([
    [16, 40],
    [12, 40],
    [21, 40],
    [5, 40],
    [32, 7],
    [20, 3],
  ])('of %i images out of %i train alike on both paths', async (batch, count) => {
    const before = tf.memory().numTensors;
    const fast = await weightsAfter(true, batch, count);
    const standard = await weightsAfter(false, batch, count);
    expect(fast.every(Number.isFinite)).toBe(true);
    const worst = fast.reduce((most, value, i) => Math.max(most, Math.abs(value - (standard[i] ?? NaN))), 0);
    expect(worst).toBeLessThan(1e-4);
    expect(tf.memory().numTensors).toBe(before);
  });
});
