/** Which networks a step updates, and how often each has been updated: what n critic steps for each of the generator need. */
import type { NetworkName } from '../nets/types.ts';
import type { Objective, ObjectiveOptions } from '../objectives/types.ts';

export interface Cycle {
  /** The different sets of networks that a step may update, each once; a program is made for each. */
  readonly phases: readonly (readonly NetworkName[])[];
  /** Index of the phase of step `step` (from 1). */
  phaseOf(step: number): number;
  /** How often a network has been updated when step `step` (from 1) is done. */
  updatesOf(network: NetworkName, step: number): number;
}

export function cycleOf(objective: Objective, options: ObjectiveOptions): Cycle {
  const turns = objective.cycle?.(options) ?? [objective.networks];
  const keys = [...new Set(turns.map((names) => names.join()))];
  return {
    phases: keys.map((key) => turns.find((names) => names.join() === key) ?? []),
    phaseOf: (step) => keys.indexOf(turns[(step - 1) % turns.length]?.join() ?? ''),
    updatesOf: (network, step) => {
      const within = turns.map((names) => (names.includes(network) ? 1 : 0));
      const sum = (values: readonly number[]): number => values.reduce<number>((total, value) => total + value, 0);
      return Math.floor(step / turns.length) * sum(within) + sum(within.slice(0, step % turns.length));
    },
  };
}
