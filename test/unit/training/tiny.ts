/** A training run small enough for the reference backend: 8x8 images, a handful of channels, everything else real. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { onTestFinished } from 'vitest';
import { eagerDevice } from '../../../core/backends/eager.ts';
import type { Device } from '../../../core/backends/types.ts';
import type { DatasetSplit, PreparedDataset } from '../../../core/datasets/types.ts';
import { findObjective } from '../../../core/objectives/registry.ts';
import { resolveOptions } from '../../../core/objectives/options.ts';
import { Random } from '../../../core/random.ts';
import { RunFolder } from '../../../core/runs/run-folder.ts';
import type { TrainRequest } from '../../../core/training/types.ts';
import { exampleManifest } from '../runs/example.ts';

const SIZE = 8;

/** The reference device, on tfjs's own CPU backend. */
export async function referenceDevice(): Promise<Device> {
  await tf.setBackend('cpu');
  return eagerDevice({ name: 'reference', description: 'tfjs cpu', adapter: null, reason: 'tests' });
}

/** `count` blobs of random place and brightness, and a split that holds two of them out. */
export function tinyDataset(count: number): { dataset: PreparedDataset; split: DatasetSplit } {
  const random = Random.seeded(5);
  const images = Array.from({ length: count }, () => {
    const [row, column, level] = [random.integer(SIZE), random.integer(SIZE), 100 + random.integer(100)];
    return Uint8Array.from({ length: SIZE * SIZE }, (_, i) => {
      const distance = Math.hypot(Math.floor(i / SIZE) - row, (i % SIZE) - column);
      return Math.max(0, level - 30 * distance);
    });
  });
  const dataset: PreparedDataset = {
    source: { format: 'test', description: 'blobs', fingerprint: 'blobs' },
    preparation: { size: SIZE, channels: 1, resize: 'fit', tiles: null },
    shape: { height: SIZE, width: SIZE, channels: 1 },
    count,
    items: [],
    itemOf: Int32Array.from({ length: count }, (_, i) => i),
    problems: [],
    sizes: { min: [SIZE, SIZE], median: [SIZE, SIZE], max: [SIZE, SIZE], channels: { grey: count, colour: 0 } },
    fingerprint: `blobs-${count}`,
    read(indices, target) {
      Array.from(indices).forEach((index, i) => target.set(images[index] as Uint8Array, i * SIZE * SIZE));
    },
    close: () => undefined,
  };
  const all = Array.from({ length: count }, (_, i) => i);
  return {
    dataset,
    split: { train: Int32Array.from(all.slice(2)), heldOut: Int32Array.of(0, 1), validation: new Int32Array(0) },
  };
}

type Change = {
  readonly objective?: string;
  readonly training?: Partial<TrainRequest['training']>;
  readonly output?: Partial<TrainRequest['output']>;
  readonly resume?: boolean;
};

export function tinyRequest(change: Change = {}): TrainRequest {
  const objective = findObjective(change.objective ?? 'joint');
  return {
    nets: { size: SIZE, channels: 1, width: 4, latent: 3 },
    objective,
    options: resolveOptions(objective),
    training: {
      batch: 5,
      steps: 12,
      learningRates: { generator: 1e-3, inference: 1e-3, energy: 1e-3 },
      decay: 0.9,
      beta1: 0.5,
      beta2: 0.999,
      clip: 100,
      averaging: 0.9,
      seed: 7,
      augmentation: { flipHorizontal: true, flipVertical: false, shift: 1 },
      ...change.training,
    },
    output: {
      checkpointSteps: 0,
      checkpointSeconds: 0,
      keepCheckpoints: 3,
      sampleSteps: 0,
      sampleCount: 4,
      validationSteps: 0,
      bestBy: 'image_AUPR',
      ...change.output,
    },
    resume: change.resume ?? false,
  };
}

/** A fresh run in a temporary folder that is removed after the test. */
export async function temporaryRun(): Promise<RunFolder> {
  const folder = await mkdtemp(path.join(tmpdir(), 'triangle-training-'));
  const run = await RunFolder.create(path.join(folder, 'run'), exampleManifest());
  onTestFinished(async () => {
    await run.close();
    await rm(folder, { recursive: true, force: true });
  });
  return run;
}
