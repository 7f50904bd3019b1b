/** Named sets of settings to start from; whatever a person sets replaces a preset's own value. */
import type { Preparation } from './datasets/types.ts';
import { CoreError } from './errors.ts';
import type { NetSpec } from './nets/types.ts';
import type { ObjectiveOptions } from './objectives/types.ts';
import type { TrainingSettings } from './training/types.ts';

export interface Preset {
  readonly name: string;
  /** One sentence for people. */
  readonly summary: string;
  readonly nets: NetSpec;
  readonly preparation: Preparation;
  /** The method that was measured to do best with these settings; without one the paper's own is taken. */
  readonly objective?: string;
  /** What differs from the objective's defaults. */
  readonly options: Partial<ObjectiveOptions>;
  readonly training: Omit<TrainingSettings, 'steps' | 'seed'>;
  /** Passes over the training images. */
  readonly epochs: number;
}

/** The recipe of the MNIST trials; learning rates near those of the authors' earlier public code. */
const training: Preset['training'] = {
  batch: 128,
  learningRates: { generator: 3e-4, inference: 3e-4, energy: 5e-4 },
  decay: 0.998,
  beta1: 0.5,
  beta2: 0.999,
  clip: 100,
  averaging: 0.999,
  augmentation: { flipHorizontal: false, flipVertical: false, shift: 0 },
};

export const presets: readonly Preset[] = [
  {
    name: 'quick',
    summary: 'Small grey pictures and small networks: a first result in a few minutes on two cores.',
    nets: { size: 28, channels: 1, width: 16, latent: 8 },
    preparation: { size: 28, channels: 1, resize: 'fit', tiles: null },
    options: {},
    // Shorter runs want larger steps and an average that forgets the start sooner.
    training: {
      ...training,
      batch: 64,
      learningRates: { generator: 1e-3, inference: 1e-3, energy: 5e-4 },
      averaging: 0.99,
    },
    epochs: 20,
  },
  {
    name: 'mnist',
    summary:
      'Handwritten digits, 28x28 grey, with a small latent vector, which told unseen digits apart best in trials.',
    nets: { size: 28, channels: 1, width: 16, latent: 8 },
    preparation: { size: 28, channels: 1, resize: 'fit', tiles: null },
    objective: 'joint-matched',
    options: {},
    training: { ...training, learningRates: { generator: 1e-3, inference: 1e-3, energy: 5e-4 } },
    epochs: 6,
  },
  {
    name: 'cifar10',
    summary:
      'Small colour photographs, 32x32, with the width, latent size and learning rates of the authors; made for long runs.',
    nets: { size: 32, channels: 3, width: 64, latent: 100 },
    preparation: { size: 32, channels: 3, resize: 'crop', tiles: null },
    options: { sigma: 0.3 },
    training: {
      ...training,
      batch: 100,
      learningRates: { generator: 3e-4, inference: 3e-4, energy: 1e-4 },
      augmentation: { flipHorizontal: true, flipVertical: false, shift: 0 },
    },
    epochs: 100,
  },
  {
    name: 'photo32',
    summary: 'Small colour photographs, 32x32, at half the width of the authors: for a computer without a GPU.',
    nets: { size: 32, channels: 3, width: 32, latent: 100 },
    preparation: { size: 32, channels: 3, resize: 'crop', tiles: null },
    options: { sigma: 0.3 },
    training: {
      ...training,
      batch: 100,
      learningRates: { generator: 1e-3, inference: 1e-3, energy: 1e-4 },
      augmentation: { flipHorizontal: true, flipVertical: false, shift: 0 },
    },
    epochs: 10,
  },
  {
    name: 'photo64',
    summary: 'Colour photographs of one kind of thing (faces, products), shrunk to 64x64.',
    nets: { size: 64, channels: 3, width: 32, latent: 100 },
    preparation: { size: 64, channels: 3, resize: 'crop', tiles: null },
    options: { sigma: 0.3 },
    training: {
      ...training,
      batch: 64,
      learningRates: { generator: 3e-4, inference: 3e-4, energy: 1e-4 },
      augmentation: { flipHorizontal: true, flipVertical: false, shift: 0 },
    },
    epochs: 50,
  },
  {
    name: 'texture-tiles',
    summary: 'Surfaces with small defects: large pictures are cut into overlapping 64x64 tiles at full resolution.',
    nets: { size: 64, channels: 3, width: 16, latent: 32 },
    preparation: { size: 64, channels: 3, resize: 'fit', tiles: { stride: 32, scale: 1 } },
    options: { sigma: 0.5 },
    training: {
      ...training,
      batch: 64,
      // A surface has no up or down: more tiles for nothing.
      augmentation: { flipHorizontal: true, flipVertical: true, shift: 2 },
    },
    epochs: 20,
  },
];

/** Throws `preset/unknown`, naming those that exist. */
export function findPreset(name: string): Preset {
  const found = presets.find((preset) => preset.name === name);
  if (found === undefined) {
    const known = presets.map((preset) => preset.name).join(', ');
    throw new CoreError('preset/unknown', `There is no preset "${name}". Choose one of ${known}.`);
  }
  return found;
}
