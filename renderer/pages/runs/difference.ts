/** The table of differences: which rows to show, and which values deviate from the first run's. */
import type { AnswerOf } from '../../../ipc/contract.ts';

export type DifferenceRow = AnswerOf<'runs.difference'>[number];

/** `all`: also what is equal in every run. */
export function shownRows(rows: readonly DifferenceRow[], all: boolean): DifferenceRow[] {
  return rows.filter((row) => all || row.differs);
}

/** For each value, whether it deviates from that of the reference, the first. */
export function changed(row: DifferenceRow): boolean[] {
  return row.values.map((value) => value !== row.values[0]);
}

/** One sentence above the table. */
export function differenceSummary(rows: readonly DifferenceRow[], runs: number): string {
  const count = rows.filter((row) => row.differs).length;
  const which = runs === 2 ? 'both runs' : `all ${runs} runs`;
  if (count === 0) return `All ${rows.length} settings are the same in ${which}.`;
  return `${count} of ${rows.length} settings ${count === 1 ? 'differs' : 'differ'}.`;
}
