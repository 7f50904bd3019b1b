/** Scores of the test images and of every set that they are told from. */
import { limitInputs } from '../../datasets/run-split.ts';
import type { PreparedDataset } from '../../datasets/types.ts';
import { findObjective } from '../../objectives/registry.ts';
import type { ScoreName } from '../../score-names.ts';
import { givenScores, isCalibrated } from '../../scoring/given-scores.ts';
import { scoreInputs } from '../../scoring/input-scores.ts';
import type { ScoringModel } from '../../scoring/types.ts';
import { inGrey, isColourless, uniformNoise, type ImageArray } from '../image-arrays.ts';
import { openPrepared } from '../image-sets.ts';
import type { Cell, CellContext, ExperimentSettings } from '../types.ts';

/** What the name of a set ends in where colours were taken away. */
export const inGreyEnding = ' (both grey)';

/** Images of a set in the figure. */
export const shownImages = 12;

/** Those that look at an image alone: what is normal is not to be known here. */
function scoresOf(method: string, { scores }: ExperimentSettings): ScoreName[] {
  return givenScores(findObjective(method)).filter(
    (score) => !isCalibrated(score) && (scores === null || scores.includes(score)),
  );
}

export type Columns = ReadonlyMap<ScoreName, Float32Array>;

export interface Scored {
  readonly name: string;
  readonly columns: Columns;
  /** Scores of the test images to compare with. */
  readonly reference: Columns;
}

export interface Work {
  readonly cell: Cell;
  readonly context: CellContext;
  readonly model: ScoringModel;
  /** Of the figure: a few images of each set. */
  readonly rows: Map<string, readonly Uint8Array[]>;
}

/** Scores of a set, whose first images are kept for the figure. */
export async function score({ cell, context, model, rows }: Work, name: string, images: ImageArray): Promise<Columns> {
  const { height, channels } = images.shape;
  const length = height * height * channels;
  const shown = images.inputs.slice(0, shownImages);
  const pixels = new Uint8Array(shown.length * length);
  images.read(shown, pixels);
  rows.set(
    name,
    Array.from(shown, (_, i) => pixels.subarray(i * length, (i + 1) * length)),
  );
  return scoreInputs({
    model,
    dataset: images,
    inputs: images.inputs,
    scores: scoresOf(cell.method, context.settings),
    signal: context.signal,
    onProgress: (done, total) => context.progress('measuring', done, total, `${name} images`),
  });
}

/** Every set against the test images; a colourless one also against the test images without their colours, since that alone gives it away. */
export async function scoreSets(work: Work, test: ImageArray): Promise<{ scored: Scored[]; reference: Columns }> {
  const { settings } = work.context;
  const { seed } = work.cell;
  const reference = await score(work, 'test', test);
  const noise = uniformNoise(test.shape, test.inputs.length, seed);
  const scored: Scored[] = [];
  let grey: Columns | null = null;
  for (const [name, place] of Object.entries(settings.sets)) {
    const dataset = await openPrepared(place, work.model.description.preparation, work.context);
    try {
      const inputs = limitInputs(testInputsOf(dataset), settings.limit ?? undefined, seed, `limit/${name}`);
      const images: ImageArray = {
        shape: dataset.shape,
        inputs,
        read: (chosen, target) => dataset.read(chosen, target),
      };
      const columns = await score(work, name, images);
      scored.push({ name, columns, reference });
      if (test.shape.channels === 1 || !isColourless(images) || isColourless(test)) continue;
      grey ??= await score(work, 'test in grey', inGrey(test));
      scored.push({ name: `${name}${inGreyEnding}`, columns, reference: grey });
    } finally {
      dataset.close();
    }
  }
  scored.push({ name: 'uniform', columns: await score(work, 'uniform', noise), reference });
  return { scored, reference };
}

/** The layout's test images where it has such, else all. */
function testInputsOf({ items, itemOf }: PreparedDataset): Int32Array {
  const all = itemOf.map((_, input) => input);
  const test = all.filter((input) => items[itemOf[input] ?? -1]?.split === 'test');
  return test.length > 0 ? test : all;
}
