/** Which score ranks images when nobody chose one. The only place that says so; to be settled by measurement (bench/README.md). */
import type { ScoreName } from '../objectives/types.ts';

const byObjective: Readonly<Record<string, ScoreName>> = { vae: 'elbo' };

/** The default score of an objective's models. */
export function defaultScore(objective: string): ScoreName {
  return byObjective[objective] ?? 'combined';
}

/** The order in which scores are listed: columns of the CSV, rows of tables. */
export const scoreOrder = [
  'energy',
  'reconstruction',
  'local',
  'elbo',
  'joint',
  'features',
  'combined',
] as const satisfies readonly ScoreName[];
