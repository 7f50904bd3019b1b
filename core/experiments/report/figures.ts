/** Files of figures: charts that are written here, and grids that trainings wrote. */
import { mkdir, readdir } from 'node:fs/promises';
import path from 'node:path';
import { writeFileAtomic } from '../../runs/atomic.ts';
import type { Figure } from '../types.ts';
import { histogramFigure, type HistogramFigure } from './histogram-figure.ts';

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

/** Writes `<file>.svg` and `<file>.csv`. */
export async function writeHistogram(request: HistogramFile): Promise<Figure> {
  const { title, caption, file, root } = request;
  const { svg, csv } = histogramFigure(request);
  await mkdir(path.dirname(file), { recursive: true });
  await writeFileAtomic(`${file}.svg`, svg);
  await writeFileAtomic(`${file}.csv`, csv);
  return { title, caption, file: relativeTo(root, `${file}.svg`), csv: relativeTo(root, `${file}.csv`) };
}

const grids = [
  { folder: 'samples', title: 'samples', caption: 'Samples g(z) with z from the prior, not chosen by hand.' },
  {
    folder: 'reconstructions',
    title: 'reconstructions',
    caption: 'Images above, their reconstructions g(mean of q(z|x)) below.',
  },
] as const;

/** The newest grids of a run; `file` is absolute. */
export async function latestGrids(runDir: string): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const { folder, title, caption } of grids) {
    const names = await readdir(path.join(runDir, folder)).catch(() => []);
    const last = names
      .filter((name) => name.endsWith('.png') && !name.startsWith('.'))
      .sort()
      .at(-1);
    if (last !== undefined) figures.push({ title, caption, file: path.join(runDir, folder, last), csv: null });
  }
  return figures;
}
