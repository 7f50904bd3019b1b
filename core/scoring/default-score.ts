/** Which score ranks images when nobody chose one: the objective says so; to be settled by measurement (bench/README.md). */
import { objectives } from '../objectives/registry.ts';
import type { ScoreName } from '../objectives/types.ts';

/** The default score of an objective's models. */
export function defaultScore(objective: string): ScoreName {
  return objectives.find(({ name }) => name === objective)?.defaultScore ?? 'combined';
}

/** The order in which scores are listed: columns of the CSV, rows of tables. */
export const scoreOrder = [
  'energy',
  'reconstruction',
  'local',
  'place',
  'neighbours',
  'elbo',
  'joint',
  'features',
  'bigan-sigma',
  'bigan-fm',
  'combined',
] as const satisfies readonly ScoreName[];
