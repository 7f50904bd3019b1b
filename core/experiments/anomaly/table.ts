/** Table 4 beside the paper's rows, one for each protocol. */
import { scoreNames } from '../../score-names.ts';
import { table4 } from '../paper.ts';
import { bySeed, paperRows, seedRow } from '../tables.ts';
import type { CellResult, Protocol, ResultTable, TableRow } from '../types.ts';

/** Normal images that the calibrated scores go by: more move no median and fill no bank of neighbours. */
export const mostNormals = 4000;

const kinds = [
  { ending: 'aupr', head: 'mean over epochs' },
  { ending: 'aupr-of-mean', head: 'of the mean score' },
] as const;

/** Of the cells of one protocol. */
export function anomalyTable(protocol: Protocol, results: readonly CellResult[]): ResultTable {
  const here = results.filter(({ cell }) => cell.protocol === protocol);
  const columns = [...new Set(here.map(({ cell }) => cell.subject))].sort();
  const methods = [...new Set(here.map(({ cell }) => cell.method))];
  const of = (method: string) => (digit: string) =>
    bySeed(here.filter(({ cell }) => cell.method === method && cell.subject === digit));
  const withMean = columns.length > 1;
  const rates = columns.map(
    (digit) => here.find(({ cell }) => cell.subject === digit)?.values['baseRate'] ?? Number.NaN,
  );
  const rows: TableRow[] = methods.flatMap((method) =>
    scoreNames.flatMap((score) =>
      kinds.flatMap(({ ending, head }) => {
        const heads = [method, score, head];
        const row = seedRow({ heads, columns, of: of(method), value: `${score}/${ending}`, withMean });
        return row === null ? [] : [row];
      }),
    ),
  );
  const base: TableRow = {
    heads: ['base rate', 'knows nothing', ''],
    source: 'reference',
    values: [
      ...rates.map((mean) => ({ mean, deviation: null, count: null })),
      ...(withMean ? [{ mean: rates.reduce((a, b) => a + b, 0) / rates.length, deviation: null, count: null }] : []),
    ],
  };
  const epochs = [...new Set(here.map(({ values }) => values['snapshots'] ?? 0))].sort((a, b) => a - b).join(' or ');
  const what =
    protocol === 'P1'
      ? 'P1 (Zenati et al.): both splits together, trained on 80 % of the normal images, tested on the other 20 % and all images of the held-out digit'
      : 'P2: the official split, trained on the normal training images, tested on all test images';
  return {
    id: `aupr-${protocol}`,
    title: `${table4.number}, protocol ${protocol}`,
    caption: `AUPR (average precision) with the held-out digit as positive. ${what}. "Mean over epochs": measured after each of the last ${epochs} epochs and averaged, as the paper does; "of the mean score": each image's score averaged over those epochs first. ± is over seeds, over epochs for a single seed and in the paper. "combined" and both kinds of "neighbours" go by up to ${mostNormals} normal images, under P1 by ones that were trained on.`,
    heads: ['Method', 'Score', 'Last epochs'],
    columns: [...columns, ...(withMean ? ['mean'] : [])],
    better: 'higher',
    digits: 3,
    rows: [base, ...paperRows(table4, columns, (method) => [method, '', 'paper'], withMean), ...rows],
  };
}
