/** Experiments by name, from the listing of `catalogue/`. */
import { CoreError } from '../errors.ts';
import { registry } from './catalogue/registry.generated.ts';
import type { Experiment, ExperimentInfo } from './types.ts';

export const experiments: readonly ExperimentInfo[] = registry;

/** Throws `experiment/unknown`, naming those that exist. */
export function findExperiment(name: string): Experiment {
  const found = registry.find((experiment) => experiment.name === name);
  if (found === undefined) {
    const known = registry.map((experiment) => experiment.name).join(', ');
    throw new CoreError('experiment/unknown', `There is no experiment "${name}". Choose one of ${known}.`);
  }
  return found;
}
