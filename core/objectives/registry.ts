/** Objectives by name, from the listing of `methods/`. */
import { CoreError } from '../errors.ts';
import { registry } from './methods/registry.generated.ts';
import type { Objective } from './types.ts';

export const objectives: readonly Objective[] = registry;

/** Throws `objective/unknown`, naming those that exist. */
export function findObjective(name: string): Objective {
  const found = registry.find((objective) => objective.name === name);
  if (found === undefined) {
    const known = registry.map((objective) => objective.name).join(', ');
    throw new CoreError('objective/unknown', `There is no objective "${name}". Choose one of ${known}.`);
  }
  return found;
}
