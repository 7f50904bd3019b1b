/** Figures of an anomaly cell: likelihoods, the course over the last epochs, samples and reconstructions. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { latestSamples, relativeTo, writeHistogram, writeSeries } from '../report/figures.ts';
import type { Cell, CellContext, Figure } from '../types.ts';

/** Of the cell's folder; written with each snapshot. */
export const reconstructionsName = 'reconstructions.png';

/** What the training and its last snapshot left, as far as the method gives it. */
export async function picturesOf({ id, subject }: Cell, runDir: string, { dir, root }: CellContext): Promise<Figure[]> {
  const reconstructions: Figure = {
    title: 'reconstructions',
    caption: `Test images and below them g(mean of q(z|x)): two rows of other digits, two rows of the held-out ${subject}; the first ones, not chosen.`,
    file: path.join(dir, reconstructionsName),
    csv: null,
  };
  const there = existsSync(reconstructions.file) ? [reconstructions] : [];
  return [...(await latestSamples(runDir)), ...there].map((figure) => ({
    ...figure,
    title: `${id}: ${figure.title}`,
    file: relativeTo(root, figure.file),
  }));
}

/** AUPR of every score after each of the last epochs. */
export function courseChart(
  cell: Cell,
  { dir, root }: CellContext,
  values: Readonly<Record<string, number>>,
  series: Readonly<Record<string, readonly number[]>>,
): Promise<Figure> {
  const ending = '/aupr';
  return writeSeries({
    title: `${cell.method}, seed ${cell.seed}: AUPR of digit ${cell.subject} by epoch`,
    caption: `Average precision of each score after each of the last epochs; protocol ${cell.protocol ?? ''}. The table has the mean of these points.`,
    axis: 'AUPR',
    steps: series['step'] ?? [],
    series: Object.entries(series)
      .filter(([name]) => name.endsWith(ending))
      .map(([name, points]) => ({ name: name.slice(0, -ending.length), values: points })),
    level: { name: 'base rate', value: values['baseRate'] ?? 0 },
    file: path.join(dir, 'epochs'),
    root,
  });
}

interface Shown {
  readonly axis: string;
  readonly values: Float64Array;
  readonly labels: ArrayLike<number>;
}

/** As Figure 3 has it for other sets: f = -energy, or the ELBO, of the digits that were trained on and of the one that was not. */
export function likelihoodChart(
  cell: Cell,
  { dir, root }: CellContext,
  { axis, values, labels }: Shown,
): Promise<Figure> {
  const pick = (label: number): number[] =>
    Array.from(values)
      .filter((_, i) => labels[i] === label)
      .map((value) => -value);
  return writeHistogram({
    title: `${cell.method}, seed ${cell.seed}: digit ${cell.subject} against the others`,
    caption: `${axis} of the test images, mean over the last epochs' snapshots; protocol ${cell.protocol ?? ''}.`,
    axis,
    reference: { name: 'other digits (test)', values: pick(0) },
    others: [{ name: `digit ${cell.subject}, held out`, values: pick(1) }],
    file: path.join(dir, 'likelihood'),
    root,
  });
}
