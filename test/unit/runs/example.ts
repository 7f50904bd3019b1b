/** A manifest and a temporary folder for tests of run folders. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import type { RunManifest } from '../../../core/runs/manifest.ts';

export function exampleManifest(): RunManifest {
  return {
    formatVersion: 1,
    id: 'digits-1',
    name: 'digits',
    created: '2026-11-22T18:00:00.000Z',
    programVersion: '0.1.0',
    objective: {
      name: 'joint',
      options: { sigma: 1, adversarialWeight: 0.1, entropy: 'kl', energyLoss: 'linear', mismatch: 0 },
    },
    nets: { size: 28, channels: 1, width: 16, latent: 8 },
    preparation: { size: 28, channels: 1, resize: 'fit', tiles: null },
    dataset: {
      source: 'builtin:digits',
      format: 'builtin:digits',
      fingerprint: 'abc',
      excludeLabels: ['4'],
      counts: { train: 900, heldOut: 100, validation: 0, skipped: 2 },
    },
    split: { seed: 1, heldOutFraction: 0.1, validationLimit: 1000 },
    training: {
      batch: 64,
      steps: 500,
      learningRates: { generator: 3e-4, inference: 3e-4, energy: 5e-4 },
      decay: 0.998,
      beta1: 0.5,
      beta2: 0.999,
      clip: 100,
      averaging: 0.999,
      seed: 1,
      augmentation: { flipHorizontal: false, flipVertical: false, shift: 0 },
    },
    device: { name: 'onnx-cpu', description: 'two threads', adapter: null, reason: 'asked for' },
    state: 'new',
    message: null,
    step: 0,
    calibration: null,
  };
}

/** A fresh folder, removed when the test is over. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'triangle-test-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}
