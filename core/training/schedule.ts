/** Learning rates over the epochs. */
import type { LearningRates, TrainingSettings } from './types.ts';

/** Rates of a step in the given epoch (from 0, completed passes): each multiplied by `decay` once an epoch. */
export function learningRatesAt(
  epoch: number,
  { learningRates, decay }: Pick<TrainingSettings, 'learningRates' | 'decay'>,
): LearningRates {
  const factor = decay ** Math.floor(epoch);
  const scaled = Object.entries(learningRates).map(([name, rate]) => [name, rate * factor] as const);
  return { ...learningRates, ...Object.fromEntries(scaled) };
}

/** Steps of so many epochs over `images` training images, as the batch stream counts them; at least 1. */
export function stepsOfEpochs(epochs: number, images: number, batch: number): number {
  const stepsPerEpoch = images < batch ? images / batch : Math.floor(images / batch);
  return Math.max(1, Math.round(epochs * stepsPerEpoch));
}
