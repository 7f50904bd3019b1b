/** Rows of a table from cells' results: means over seeds, and the paper's rows above them. */
import { aggregate } from '../evaluation/aggregate.ts';
import type { PaperTable } from './paper.ts';
import type { CellResult, TableRow, TableValue } from './types.ts';

/** Mean over the seeds of one figure; null where no result has it. A single seed's deviation is that over its last epochs, if it has one. */
export function overSeeds(results: readonly CellResult[], name: string): TableValue | null {
  const having = results.filter(({ values }) => values[name] !== undefined);
  const [first, second] = having;
  if (first === undefined) return null;
  const mean = aggregate(having.map(({ values }) => values[name] ?? Number.NaN));
  return second === undefined ? { ...mean, deviation: first.values[`${name}-deviation`] ?? null } : mean;
}

/** Mean of the columns' means; null unless every column has one. Its deviation is over the seeds that all columns have. */
export function meanOfColumns(
  values: readonly (TableValue | null)[],
  bySeed: readonly (readonly number[])[],
): TableValue | null {
  if (values.length < 2 || values.some((value) => value === null)) return null;
  const mean = values.reduce((sum, value) => sum + (value?.mean ?? 0), 0) / values.length;
  const seeds = Math.min(...bySeed.map((column) => column.length));
  if (bySeed.length !== values.length || seeds < 2 || bySeed.some((column) => column.length !== seeds))
    return { mean, deviation: null, count: bySeed.length === values.length ? seeds : null };
  const means = Array.from(
    { length: seeds },
    (_, seed) => bySeed.reduce((sum, column) => sum + (column[seed] ?? 0), 0) / bySeed.length,
  );
  return aggregate(means);
}

/** The paper's rows that have a figure under one of our columns; `heads` says what goes under the table's heads beside the method. */
export function paperRows(
  table: PaperTable,
  columns: readonly string[],
  headsOf: (method: string) => readonly string[],
  withMean: boolean,
): TableRow[] {
  return table.rows.flatMap(({ method, values }) => {
    const under = columns.map((column) => values[table.columns.indexOf(column)] ?? null);
    if (under.every((value) => value === null)) return [];
    return { heads: headsOf(method), source: 'paper', values: withMean ? [...under, meanOfColumns(under, [])] : under };
  });
}

export interface SeedRow {
  readonly heads: readonly string[];
  readonly columns: readonly string[];
  /** Results of one column, sorted by seed. */
  readonly of: (column: string) => readonly CellResult[];
  /** Name of the figure in the results. */
  readonly value: string;
  readonly withMean: boolean;
}

/** One row of our own figures; null where no cell has the figure. */
export function seedRow({ heads, columns, of, value, withMean }: SeedRow): TableRow | null {
  const values = columns.map((column) => overSeeds(of(column), value));
  if (values.every((entry) => entry === null)) return null;
  const bySeed = columns.map((column) =>
    of(column)
      .map((result) => result.values[value])
      .filter((entry) => entry !== undefined),
  );
  return { heads, source: 'here', values: withMean ? [...values, meanOfColumns(values, bySeed)] : values };
}

/** Results in the order of their seeds. */
export function bySeed(results: readonly CellResult[]): CellResult[] {
  return [...results].sort((a, b) => a.cell.seed - b.cell.seed);
}
