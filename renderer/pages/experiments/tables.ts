/** Figures of a table as text, and which of ours is the best in its column. */
import type { ExperimentTable } from '../../../ipc/contract.ts';

type Value = ExperimentTable['rows'][number]['values'][number];

/** ".723 ± .042" with as many digits as the table wants; an en dash where there is none. */
export function valueWords(value: Value, digits: number): string {
  if (value === null) return '–';
  const mean = value.mean.toFixed(digits).replace('-', '−');
  return value.deviation === null ? mean : `${mean} ± ${value.deviation.toFixed(digits)}`;
}

/** Row of our best figure in each column; -1 where there is none. */
export function bestRows({ rows, columns, better }: ExperimentTable): number[] {
  const sign = better === 'higher' ? 1 : -1;
  return columns.map((_, column) => {
    let best = -1;
    let record = -Infinity;
    rows.forEach(({ source, values }, row) => {
      const size = sign * (values[column]?.mean ?? Number.NaN);
      if (source === 'here' && size > record) [best, record] = [row, size];
    });
    return best;
  });
}
