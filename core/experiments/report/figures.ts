/** Files of figures: charts that are written here, and grids that trainings wrote. */
import { mkdir, readdir } from 'node:fs/promises';
import path from 'node:path';
import { toModelInput } from '../../datasets/batches.ts';
import type { PreparedDataset } from '../../datasets/types.ts';
import { encodeGrid, toBytes } from '../../galleries/grid.ts';
import type { ScoreName } from '../../score-names.ts';
import { writeFileAtomic } from '../../runs/atomic.ts';
import type { ScoringModel } from '../../scoring/types.ts';
import type { Figure } from '../types.ts';
import { histogramFigure, type HistogramFigure } from './histogram-figure.ts';
import { seriesFigure, type SeriesFigure } from './series-figure.ts';

/** With forward slashes on every system: it ends up in JSON, Markdown and HTML. */
export function relativeTo(root: string, file: string): string {
  return path.relative(root, file).split(path.sep).join('/');
}

export interface HistogramFile extends HistogramFigure {
  readonly caption: string;
  /** Without its ending. */
  readonly file: string;
  /** The experiment's folder. */
  readonly root: string;
}

export type SeriesFile = SeriesFigure & Pick<HistogramFile, 'caption' | 'file' | 'root'>;

/** Writes `<file>.svg` and `<file>.csv`. */
export function writeHistogram(request: HistogramFile): Promise<Figure> {
  return writeChart(request, histogramFigure(request));
}

/** Likewise. */
export function writeSeries(request: SeriesFile): Promise<Figure> {
  return writeChart(request, seriesFigure(request));
}

async function writeChart(
  { title, caption, file, root }: Pick<HistogramFile, 'title' | 'caption' | 'file' | 'root'>,
  { svg, csv }: { readonly svg: string; readonly csv: string },
): Promise<Figure> {
  await mkdir(path.dirname(file), { recursive: true });
  await writeFileAtomic(`${file}.svg`, svg);
  await writeFileAtomic(`${file}.csv`, csv);
  return { title, caption, file: relativeTo(root, `${file}.svg`), csv: relativeTo(root, `${file}.csv`) };
}

/** Scores whose negative is a log-likelihood up to a constant, the nearest to the paper's Figure 3 first. */
const likelihoods = [
  { score: 'energy', axis: 'f(x, z), unnormalised log-likelihood' },
  { score: 'elbo', axis: 'ELBO up to a constant' },
  { score: 'reconstruction', axis: 'log p(x|z) up to a constant' },
] as const satisfies readonly { readonly score: ScoreName; readonly axis: string }[];

/** What a figure of likelihoods shows of a method with these scores; null where none of them is one. */
export function likelihoodAmong(scores: readonly string[]): (typeof likelihoods)[number] | null {
  return likelihoods.find(({ score }) => scores.includes(score)) ?? null;
}

/** Images of a figure's row. */
export const rowLength = 12;

export interface ReconstructionRows {
  readonly model: ScoringModel;
  readonly dataset: Pick<PreparedDataset, 'read'>;
  /** Model inputs of each pair of rows: images, and their reconstructions below. */
  readonly rows: readonly Int32Array[];
  /** Absolute. */
  readonly file: string;
}

/** Writes a PNG, for models that reconstruct; returns whether it did. */
export async function writeReconstructions({ model, dataset, rows, file }: ReconstructionRows): Promise<boolean> {
  if (!model.reconstructs) return false;
  const { size, channels } = model.description.spec;
  const length = size * size * channels;
  const pictures: Uint8Array[] = [];
  for (const row of rows) {
    const inputs = row.subarray(0, rowLength);
    const pixels = new Uint8Array(inputs.length * length);
    dataset.read(inputs, pixels);
    const { mean } = await model.infer(toModelInput(pixels), inputs.length);
    for (const images of [pixels, toBytes(await model.generate(mean, inputs.length))]) {
      for (let i = 0; i < rowLength; i++)
        pictures.push(
          i < inputs.length ? images.subarray(i * length, (i + 1) * length) : new Uint8Array(length).fill(244),
        );
    }
  }
  const png = await encodeGrid(pictures, { size, channels, columns: rowLength, enlarge: size < 48 ? 2 : 1 });
  await mkdir(path.dirname(file), { recursive: true });
  await writeFileAtomic(file, png);
  return true;
}

/** The newest grid of samples that a run wrote; `file` is absolute. Empty where its objective has no generator. */
export async function latestSamples(runDir: string): Promise<Figure[]> {
  const names = await readdir(path.join(runDir, 'samples')).catch(() => []);
  const last = names
    .filter((name) => name.endsWith('.png') && !name.startsWith('.'))
    .sort()
    .at(-1);
  const caption = 'Samples g(z) with z from the prior, not chosen by hand.';
  return last === undefined ? [] : [{ title: 'samples', caption, file: path.join(runDir, 'samples', last), csv: null }];
}
