/** What models of an objective can and cannot do, from the networks that it declares: one place for every host to ask. */
import { CoreError } from '../errors.ts';
import type { Objective } from './types.ts';

/** `inference`: latent vectors of given pictures; `interpolation` alone goes between drawn ones. */
export const abilities = ['samples', 'interpolation', 'reconstructions', 'inference'] as const;
export type Ability = (typeof abilities)[number];

type Declared = Pick<Objective, 'name' | 'networks' | 'sampler'>;

/** Why models of the objective lack an ability, in a sentence that ends with what to do; null where they have it. */
export function lacks({ name, networks, sampler }: Declared, ability: Ability): string | null {
  const because = (reason: string): string => `Objective ${name} ${reason} Choose a run of another objective.`;
  const [generates, infers] = [networks.includes('generator'), networks.includes('inference')];
  switch (ability) {
    case 'samples':
      return generates || sampler !== undefined ? null : because('has no generator, so there are no samples.');
    case 'interpolation':
      if (generates) return null;
      return because(
        'has no generator: its pictures come from noise step by step, so nothing lies between two of them.',
      );
    case 'reconstructions':
      if (!generates) return because('has no generator, so nothing can be reconstructed.');
      return infers ? null : because('has no inference model, so nothing can be reconstructed.');
    case 'inference':
      return infers ? null : because('has no inference model, so a given picture has no latent vector.');
  }
}

/** All abilities with what {@link lacks} says of each. */
export function lacksOf(objective: Declared): Record<Ability, string | null> {
  const entries = abilities.map((ability) => [ability, lacks(objective, ability)] as const);
  return Object.fromEntries(entries) as Record<Ability, string | null>;
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
  if (!networks.includes('generator')) limits.push('no generator: its samples take many steps each, no interpolations');
  if (!networks.includes('inference'))
    limits.push('no inference model: no reconstructions, scored by its critic alone');
  return limits;
}
