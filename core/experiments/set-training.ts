/** Trainings of experiments whose cells are datasets by name, split as the paper does: Tables 1 and 2. */
import type { RunFolder } from '../runs/run-folder.ts';
import { heldOutFractionOf, ruleOf } from './image-sets.ts';
import { trainCell } from './training-cell.ts';
import type { Cell, CellContext } from './types.ts';

/** Where the cell's dataset is. */
export function setOf({ subject }: Cell, { settings }: CellContext): string {
  return settings.sets[subject] ?? '';
}

/** The finished run; null when it was stopped. Throws what training throws. */
export async function trainOnSet(cell: Cell, context: CellContext): Promise<RunFolder | null> {
  const data = setOf(cell, context);
  const rule = ruleOf(cell.subject);
  const heldOutFraction = await heldOutFractionOf(data, rule, context);
  const { preset, train: trainLimit } = rule;
  return trainCell({ cell, context, data, excludeLabels: [], preset, heldOutFraction, trainLimit });
}
