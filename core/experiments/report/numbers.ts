/** How figures of a table read. */
import type { CellResult, ExperimentSettings, ResultTable, TableValue } from '../types.ts';

/** `.723 ± .042`, an en dash where there is none. */
export function valueText(value: TableValue | null, { digits }: Pick<ResultTable, 'digits'>): string {
  if (value === null) return '–';
  // An unbiased estimate of nothing may be -0.00000.
  const mean = value.mean.toFixed(digits).replace(/^-(?=[0.]+$)/, '');
  return value.deviation === null ? mean : `${mean} ± ${value.deviation.toFixed(digits)}`;
}

/** Index of the best of our own rows in each column; -1 where none has a figure. */
export function bestRows({ rows, columns, better, unranked }: ResultTable): number[] {
  return columns.map((name, column) => {
    let best = -1;
    if (unranked?.includes(name) === true) return best;
    let record = Number.NEGATIVE_INFINITY;
    rows.forEach(({ source, values }, row) => {
      const value = values[column];
      if (source !== 'here' || value == null) return;
      const size = better === 'higher' ? value.mean : -value.mean;
      if (size > record) [best, record] = [row, size];
    });
    return best;
  });
}

/** `1 h 04 min`, `3.2 min`, `41 s` */
export function duration(seconds: number): string {
  if (seconds < 90) return `${seconds.toFixed(0)} s`;
  if (seconds < 5400) return `${(seconds / 60).toFixed(1)} min`;
  const minutes = Math.round(seconds / 60);
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`;
}

/** One line on each cell: how it was made. */
export function cellRow({ cell, facts }: CellResult): readonly string[] {
  const { nets, options, training } = facts;
  const form = nets.energyForm === undefined ? '' : `, ${nets.energyForm} energy`;
  const norm = nets.energyNorm === undefined ? '' : `, energy's normalisation: ${nets.energyNorm}`;
  return [
    cell.id,
    `${facts.epochs} epochs, ${facts.steps} steps of ${training.batch}`,
    `${facts.trainImages} / ${facts.testImages}`,
    `${nets.size}x${nets.size}x${nets.channels}, width ${nets.width}, latent ${nets.latent}${form}${norm}; sigma ${options.sigma}, weight ${options.adversarialWeight}, ${options.energyLoss} loss, mismatch ${options.mismatch}`,
    facts.weights === 'average' ? 'moving average' : 'last',
    `${duration(facts.trainingSeconds)} + ${duration(facts.measuringSeconds)}`,
    facts.device,
    facts.finished.slice(0, 16).replace('T', ' '),
  ];
}

export const cellHeads = [
  'Cell',
  'Training',
  'Images trained on / tested on',
  'Networks and objective',
  'Weights',
  'Time of training + measuring',
  'Device',
  'Finished (UTC)',
] as const;

/** Where the images lay: what was trained on, then the further sets by name. A limit is said, since it changes every figure. */
export function dataLine({ data, sets, limit }: Pick<ExperimentSettings, 'data' | 'sets' | 'limit'>): string {
  const named = Object.entries(sets).map(([name, place]) => `${name}: ${place}`);
  const places = [...(data === '' ? [] : [data]), ...named].join('; ');
  return limit === null ? places : `${places}; at most ${limit} images of each`;
}

/** Versions of all cells; more than one set where cells were made by several versions. */
export function versionLines(results: readonly CellResult[]): string[] {
  const lines = results.map(({ facts }) =>
    Object.entries(facts.versions)
      .map(([name, version]) => `${name} ${version}`)
      .join(', '),
  );
  return [...new Set(lines)];
}
