/** Figures 3 and 4 of a cell: likelihoods of all sets over those of the test images, and images of each. */
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { encodeGrid } from '../../galleries/grid.ts';
import { writeFileAtomic } from '../../runs/atomic.ts';
import { likelihoodAmong, relativeTo, writeHistogram } from '../report/figures.ts';
import type { Figure } from '../types.ts';
import { inGreyEnding, shownImages, type Columns, type Scored, type Work } from './score-sets.ts';

/** Figure 3: f of the test images and of each other set; of the plain VAE its ELBO. Empty without a likelihood. */
export async function likelihood({ cell, context }: Work, scored: readonly Scored[]): Promise<Figure[]> {
  const shown = likelihoodAmong([...(scored[0]?.columns.keys() ?? [])]);
  if (shown === null) return [];
  const { axis } = shown;
  const negated = (columns: Columns): Float32Array =>
    (columns.get(shown.score) ?? new Float32Array(0)).map((value) => -value);
  const plain = scored.filter(({ name }) => !name.endsWith(inGreyEnding));
  const [first] = plain;
  if (first === undefined) return [];
  const figure = await writeHistogram({
    title: `${cell.method}, seed ${cell.seed}: as Figure 3`,
    caption: `${axis} of the test images and of each other set; shares of each set's images.`,
    axis,
    reference: { name: 'test images', values: negated(first.reference) },
    others: plain.map(({ name, columns }) => ({
      name: name === 'train' ? 'training images' : name,
      values: negated(columns),
    })),
    file: path.join(context.dir, 'likelihood'),
    root: context.root,
  });
  return [figure];
}

/** Figure 4: a row of images of each set, as the model sees them. */
export async function plates({ cell, context, rows }: Work, nets: { size: number; channels: 1 | 3 }): Promise<Figure> {
  const pictures: Uint8Array[] = [];
  for (const row of rows.values()) {
    for (let i = 0; i < shownImages; i++)
      pictures.push(row[i] ?? new Uint8Array(nets.size * nets.size * nets.channels).fill(244));
  }
  const { size, channels } = nets;
  const png = await encodeGrid(pictures, { size, channels, columns: shownImages, enlarge: size < 48 ? 2 : 1 });
  const file = path.join(context.dir, 'sets.png');
  await mkdir(context.dir, { recursive: true });
  await writeFileAtomic(file, png);
  return {
    title: `${cell.id}: as Figure 4`,
    caption: `Images of the sets, one row each: ${[...rows.keys()].join(', ')}.`,
    file: relativeTo(context.root, file),
    csv: null,
  };
}
