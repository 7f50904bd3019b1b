/** What models of an objective can and cannot do, from the networks that it declares: one place for every host to ask. */
import { CoreError } from '../errors.ts';
import type { Objective } from './types.ts';

export type Ability = 'samples' | 'interpolation' | 'reconstructions';

type Declared = Pick<Objective, 'name' | 'networks'>;

/** Why models of the objective lack an ability, in a sentence that ends with what to do; null where they have it. */
export function lacks({ name, networks }: Declared, ability: Ability): string | null {
  if (!networks.includes('generator')) {
    return (
      `Objective ${name} has no generator: its samples come from Langevin dynamics and are kept with the run while it trains. ` +
      'Look there, or choose a run of another objective.'
    );
  }
  if (ability === 'reconstructions' && !networks.includes('inference')) {
    return `Objective ${name} has no inference model, so nothing can be reconstructed. Choose a run of another objective.`;
  }
  return null;
}

/** The error to throw where a model lacks an ability. */
export function cannot(objective: Declared, ability: Ability): CoreError {
  const reason = lacks(objective, ability) ?? 'This model lacks a network. Export it again.';
  return new CoreError('objective/cannot', reason);
}

/** Throws `objective/cannot` where models of the objective lack the ability. */
export function requireAbility(objective: Declared, ability: Ability): void {
  if (lacks(objective, ability) !== null) throw cannot(objective, ability);
}

/** Short remarks for forms and lists: what a person will miss. */
export function limitsOf({ networks }: Declared): string[] {
  const limits: string[] = [];
  if (!networks.includes('generator')) limits.push('no generator: no galleries');
  if (!networks.includes('inference'))
    limits.push('no inference model: no reconstructions, scored by its critic alone');
  return limits;
}
