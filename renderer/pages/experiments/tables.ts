/** Figures of a table as text. */
import type { ExperimentTable } from '../../../ipc/contract.ts';

type Value = ExperimentTable['rows'][number]['values'][number];

/** ".723 ± .042" with as many digits as the table wants; an en dash where there is none. */
export function valueWords(value: Value, digits: number): string {
  if (value === null) return '–';
  // An unbiased estimate of nothing may be -0.00000.
  const mean = value.mean
    .toFixed(digits)
    .replace(/^-(?=[0.]+$)/, '')
    .replace('-', '−');
  return value.deviation === null ? mean : `${mean} ± ${value.deviation.toFixed(digits)}`;
}
