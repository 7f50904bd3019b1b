/** Defaults of the options that all objectives share, and the check of what a person set. */
import { CoreError } from '../errors.ts';
import type { Objective, ObjectiveOptions } from './types.ts';

/** The weight is a tenth of the paper's: with small networks a full adversarial term drowned the reconstruction. */
export const commonDefaults: ObjectiveOptions = {
  sigma: 1,
  adversarialWeight: 0.1,
  entropy: 'kl',
  energyLoss: 'linear',
  mismatch: 0,
};

/** Common defaults, the objective's own, then what was asked for. Throws `objective/options`. */
export function resolveOptions(objective: Objective, given: Partial<ObjectiveOptions> = {}): ObjectiveOptions {
  const options = { ...commonDefaults, ...objective.defaults, ...given };
  if (!(options.sigma > 0 && Number.isFinite(options.sigma))) {
    throw new CoreError('objective/options', `Got sigma ${options.sigma}. Choose a number above 0, for example 1.`);
  }
  for (const key of ['adversarialWeight', 'mismatch'] as const) {
    if (!(options[key] >= 0 && Number.isFinite(options[key]))) {
      throw new CoreError('objective/options', `Got ${key} ${options[key]}. Choose 0 or a positive number.`);
    }
  }
  return options;
}
