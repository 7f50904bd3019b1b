/**
 * Every gradient that `step` returns is compared with central differences of the player's own `losses` entry, along random
 * directions in the weights of that player, on the reference backend in float32. Here the options of the steps that are written by
 * hand; `every.test.ts` does it for every registered objective.
 */
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, it } from 'vitest';
import { findObjective } from '../../../core/objectives/registry.ts';
import type { ObjectiveOptions } from '../../../core/objectives/types.ts';
import { expectSlopes } from './slopes.ts';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

const variants: readonly Partial<ObjectiveOptions>[] = [
  {},
  { adversarialWeight: 1, sigma: 0.7 },
  { entropy: 'exact', adversarialWeight: 0.6 },
  { entropy: 'exact', adversarialWeight: 1 },
  { energyLoss: 'logistic', adversarialWeight: 1 },
  { mismatch: 0.5, adversarialWeight: 1 },
  { mismatch: 1, energyLoss: 'logistic', adversarialWeight: 0.5 },
  { adversarialWeight: 0 },
];

describe.each(['joint', 'joint-plus', 'vae'])('%s', (name) => {
  const forms = name === 'vae' ? (['concat'] as const) : (['concat', 'coupled'] as const);
  const cases = forms.flatMap((energyForm) =>
    (name === 'vae' ? variants.slice(0, 3) : variants).map((given) => ({ energyForm, ...given })),
  );
  it.each(cases)('gradients are the slopes of the losses: %o', (given) => {
    expectSlopes(findObjective(name), given);
  });
});
