/** Learning rates over the epochs. */
import type { NetworkName } from '../nets/types.ts';
import type { TrainingSettings } from './types.ts';

/** Rates of a step in the given epoch (from 0, completed passes): each multiplied by `decay` once an epoch. */
export function learningRatesAt(
  epoch: number,
  { learningRates, decay }: Pick<TrainingSettings, 'learningRates' | 'decay'>,
): Record<NetworkName, number> {
  const factor = decay ** Math.floor(epoch);
  return {
    generator: learningRates.generator * factor,
    inference: learningRates.inference * factor,
    energy: learningRates.energy * factor,
  };
}

/** Steps of so many epochs over `images` training images, as the batch stream counts them; at least 1. */
export function stepsOfEpochs(epochs: number, images: number, batch: number): number {
  const stepsPerEpoch = images < batch ? images / batch : Math.floor(images / batch);
  return Math.max(1, Math.round(epochs * stepsPerEpoch));
}
