/** Which score ranks images when nobody chose one: the objective says so; to be settled by measurement (bench/README.md). */
import { objectives } from '../objectives/registry.ts';
import type { ScoreName } from '../score-names.ts';

/** The default score of an objective's models. */
export function defaultScore(objective: string): ScoreName {
  return objectives.find(({ name }) => name === objective)?.defaultScore ?? 'combined';
}
