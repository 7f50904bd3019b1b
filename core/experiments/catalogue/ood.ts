/** Table 3, Figures 3 and 4: trained on CIFAR-10, how well each score tells its test images from quite other ones. */
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { limitInputs } from '../../datasets/run-split.ts';
import type { PreparedDataset } from '../../datasets/types.ts';
import { auroc } from '../../evaluation/auroc.ts';
import { encodeGrid } from '../../galleries/grid.ts';
import { findObjective } from '../../objectives/registry.ts';
import type { ScoreName } from '../../objectives/types.ts';
import { writeFileAtomic } from '../../runs/atomic.ts';
import { scoreOrder } from '../../scoring/default-score.ts';
import { scoreInputs } from '../../scoring/input-scores.ts';
import { openRunModel } from '../../scoring/run-model.ts';
import type { ScoringModel } from '../../scoring/types.ts';
import { inGrey, isColourless, uniformNoise, type ImageArray } from '../image-arrays.ts';
import { heldOutFractionOf, imageSets, openPrepared, trainAndTest } from '../image-sets.ts';
import { table3 } from '../paper.ts';
import { likelihoodAmong, relativeTo, writeHistogram } from '../report/figures.ts';
import { bySeed, paperRows, seedRow } from '../tables.ts';
import { factsOf, trainCell } from '../training-cell.ts';
import type { Cell, CellContext, CellResult, Experiment, ExperimentSettings, Figure, TableRow } from '../types.ts';

const subject = 'cifar10';
const inGreyEnding = ' (both grey)';

const sets: Readonly<Record<string, string>> = {
  svhn: 'SVHN, test_32x32.mat or a folder',
  textures: 'a folder of textures: the Describable Textures Dataset in the paper',
  celeba: 'a folder of CelebA pictures',
  faces: 'a folder of other faces, for example LFW; not in the paper',
  own: 'any other pictures',
};

function scoresOf(method: string, { scores }: ExperimentSettings): ScoreName[] {
  return findObjective(method).scores.filter(
    (score) => score !== 'combined' && (scores === null || scores.includes(score)),
  );
}

type Columns = ReadonlyMap<ScoreName, Float32Array>;

interface Scored {
  readonly name: string;
  readonly columns: Columns;
  /** Scores of the test images to compare with. */
  readonly reference: Columns;
}

interface Work {
  readonly cell: Cell;
  readonly context: CellContext;
  readonly model: ScoringModel;
  /** Of the figure: a few images of each set. */
  readonly rows: Map<string, readonly Uint8Array[]>;
}

async function score({ cell, context, model, rows }: Work, name: string, images: ImageArray): Promise<Columns> {
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

const shownImages = 12;

/** Every set against the test images; a colourless one also against the test images without their colours, since that alone gives it away. */
async function scoreSets(work: Work, test: ImageArray): Promise<{ scored: Scored[]; reference: Columns }> {
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

async function run(cell: Cell, context: CellContext): Promise<Omit<CellResult, 'cell'> | null> {
  const { settings } = context;
  const rule = imageSets[subject] ?? { summary: '', preset: null, train: null, test: null };
  const heldOutFraction = await heldOutFractionOf(settings.data, rule, context);
  const trained = await trainCell({
    cell,
    context,
    data: settings.data,
    excludeLabels: [],
    preset: null,
    heldOutFraction,
  });
  if (trained === null) return null;
  const model = await openRunModel(trained, { threads: context.threads });
  try {
    const dataset = await openPrepared(settings.data, trained.manifest.preparation, context);
    try {
      const began = performance.now();
      const { train, test } = trainAndTest(dataset, trained.manifest, settings.limit);
      const arrayOf = (inputs: Int32Array): ImageArray => ({
        shape: dataset.shape,
        inputs,
        read: (chosen, target) => dataset.read(chosen, target),
      });
      const work: Work = { cell, context, model, rows: new Map() };
      const { scored, reference } = await scoreSets(work, arrayOf(test));
      // As many as there are test images: the two must look alike, or the score remembers.
      const trainColumns = await score(
        work,
        'train',
        arrayOf(limitInputs(train, test.length, cell.seed, 'limit/train')),
      );
      scored.push({ name: 'train', columns: trainColumns, reference });
      const values: Record<string, number> = {};
      for (const { name, columns, reference: own } of scored) {
        for (const [scoreName, other] of columns) values[`${name}/${scoreName}`] = areaOf(own.get(scoreName), other);
      }
      const figures = [...(await likelihood(work, scored)), await plates(work, trained.manifest.nets)];
      const measuringSeconds = (performance.now() - began) / 1000;
      const facts = await factsOf(trained, context, { testImages: test.length, measuringSeconds });
      return { values, series: {}, figures, facts };
    } finally {
      dataset.close();
    }
  } finally {
    await model.dispose();
    await trained.close();
  }
}

/** AUROC with the other set as positive. */
function areaOf(reference: Float32Array | undefined, other: Float32Array): number {
  const normal = reference ?? new Float32Array(0);
  const scores = new Float32Array(normal.length + other.length);
  scores.set(normal);
  scores.set(other, normal.length);
  return auroc(
    scores,
    Uint8Array.from(scores, (_, i) => Number(i >= normal.length)),
  );
}

/** Figure 3: f of the test images and of each other set; of the plain VAE its ELBO. Empty without a likelihood. */
async function likelihood({ cell, context }: Work, scored: readonly Scored[]): Promise<Figure[]> {
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
async function plates({ cell, context, rows }: Work, nets: { size: number; channels: 1 | 3 }): Promise<Figure> {
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

function columnsOf(results: readonly CellResult[]): string[] {
  const named = results.flatMap(({ values }) =>
    Object.keys(values).map((name) => name.slice(0, name.lastIndexOf('/'))),
  );
  const order = [...table3.columns, ...Object.keys(sets)];
  const place = (name: string): number => {
    const found = order.indexOf(name.replace(inGreyEnding, ''));
    return found < 0 ? order.length : found + (name.endsWith(inGreyEnding) ? 0.5 : 0);
  };
  return [...new Set(named)].sort((a, b) => place(a) - place(b));
}

export const experiment: Experiment = {
  name: 'ood',
  title: 'CIFAR-10 against other images',
  summary: 'CIFAR-10 binary, or whatever else is to be trained on.',
  paper: 'Table 3, Figures 3 and 4',
  parameters: ['data', 'sets', 'methods', 'seeds', 'epochs', 'scores', 'preset', 'runs', 'limit'],
  defaults: {
    data: null,
    digits: [],
    methods: ['vae', 'joint'],
    seeds: [1],
    epochs: null,
    lastEpochs: 1,
    protocols: [],
    scores: null,
    preset: null,
    samples: shownImages,
  },
  sets,
  cells: ({ seeds, methods }) =>
    seeds.flatMap((seed) =>
      methods.map((method) => ({ id: `${method}-${subject}-seed${seed}`, method, subject, protocol: null, seed })),
    ),
  run,
  report(results, settings) {
    const columns = columnsOf(results);
    const methods = [...new Set(results.map(({ cell }) => cell.method))];
    const rows: TableRow[] = methods.flatMap((method) =>
      scoreOrder.flatMap((score) => {
        const entries = columns.map((column) => {
          const of = () => bySeed(results.filter(({ cell }) => cell.method === method));
          return (
            seedRow({ heads: [], columns: [column], of, value: `${column}/${score}`, withMean: false })?.values[0] ??
            null
          );
        });
        if (entries.every((entry) => entry === null)) return [];
        return [{ heads: [method, score], source: 'here' as const, values: entries }];
      }),
    );
    return Promise.resolve({
      tables: [
        {
          id: 'auroc',
          title: 'Table 3: AUROC against other sets',
          caption:
            'Test images of the dataset that was trained on against each other set, which counts as positive; the energy in the paper. "train": images that were trained on, .5 where the score does not remember them. "both grey": a set without colours against the test images without theirs.',
          heads: ['Method', 'Score'],
          columns,
          better: 'higher',
          unranked: ['train'],
          digits: 3,
          rows: [...paperRows(table3, columns, (method) => [method, 'paper'], false), ...rows],
        },
      ],
      figures: results.filter(({ cell }) => cell.seed === settings.seeds[0]).flatMap(({ figures }) => figures),
      notes: settings.sets['faces'] === undefined ? [] : ['"faces" stands in for CelebA and is not the same data.'],
    });
  },
};
