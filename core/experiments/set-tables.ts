/** Cells and tables of experiments whose columns are datasets: Tables 1 and 2. */
import { CoreError } from '../errors.ts';
import type { ImageSetRule } from './image-sets.ts';
import type { PaperTable } from './paper.ts';
import { bySeed, paperRows, seedRow } from './tables.ts';
import type { Cell, CellResult, ExperimentSettings, ResultTable, TableRow } from './types.ts';

/** What each set is, for lists and forms. */
export function setsOf(rules: Readonly<Record<string, ImageSetRule>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(rules).map(([name, { summary }]) => [name, summary]));
}

/** One for each seed, dataset and method. Throws `experiment/settings` where no dataset was named. */
export function setCells({ experiment, seeds, methods, sets }: ExperimentSettings): readonly Cell[] {
  const subjects = Object.keys(sets);
  if (subjects.length === 0) {
    const text = `The experiment ${experiment} needs at least one dataset.`;
    throw new CoreError('experiment/settings', `${text} Give one with --set: --set cifar10=folder.`);
  }
  return seeds.flatMap((seed) =>
    subjects.flatMap((subject) =>
      methods.map((method) => ({ id: `${method}-${subject}-seed${seed}`, method, subject, protocol: null, seed })),
    ),
  );
}

export interface SetTableRequest {
  readonly results: readonly CellResult[];
  readonly settings: ExperimentSettings;
  readonly paper: PaperTable | null;
  readonly id: string;
  readonly title: string;
  readonly caption: string;
  readonly value: string;
  readonly better: 'higher' | 'lower';
  readonly digits: number;
  /** Rows between the paper's and the methods'. */
  readonly extra?: readonly TableRow[];
}

/** The datasets that results are there for, in the order in which they were named. */
export function subjectsOf(results: readonly CellResult[], settings: ExperimentSettings): string[] {
  return Object.keys(settings.sets).filter((subject) => results.some(({ cell }) => cell.subject === subject));
}

export function setTable(request: SetTableRequest): ResultTable {
  const { results, settings, paper, id, title, caption, value, better, digits, extra = [] } = request;
  const columns = subjectsOf(results, settings);
  const methods = [...new Set(results.map(({ cell }) => cell.method))];
  const rows = methods.flatMap((method) => {
    const of = (subject: string): CellResult[] =>
      bySeed(results.filter(({ cell }) => cell.method === method && cell.subject === subject));
    const row = seedRow({ heads: [method], columns, of, value, withMean: false });
    return row === null ? [] : [row];
  });
  const above = paper === null ? [] : paperRows(paper, columns, (method) => [method], false);
  return { id, title, caption, heads: ['Method'], columns, better, digits, rows: [...above, ...extra, ...rows] };
}
