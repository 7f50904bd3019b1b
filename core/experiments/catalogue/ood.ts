/** Table 3, Figures 3 and 4: trained on CIFAR-10, how well each score tells its test images from quite other ones. */
import { limitInputs } from '../../datasets/run-split.ts';
import type { PreparedDataset } from '../../datasets/types.ts';
import { auroc } from '../../evaluation/auroc.ts';
import type { RunManifest } from '../../runs/manifest.ts';
import { scoreNames } from '../../score-names.ts';
import type { ImageArray } from '../image-arrays.ts';
import { heldOutFractionOf, ruleOf, trainAndTest } from '../image-sets.ts';
import { measureRun, type Measurement } from '../measured-run.ts';
import { likelihood, plates } from '../ood/figures.ts';
import { inGreyEnding, score, scoreSets, shownImages, type Work } from '../ood/score-sets.ts';
import { table3 } from '../paper.ts';
import { plainDefaults } from '../settings.ts';
import { bySeed, paperRows, seedRow } from '../tables.ts';
import { trainCell } from '../training-cell.ts';
import type { Cell, CellContext, CellResult, Experiment, TableRow } from '../types.ts';

const subject = 'cifar10';

const sets: Readonly<Record<string, string>> = {
  svhn: 'SVHN, test_32x32.mat or a folder',
  textures: 'a folder of textures: the Describable Textures Dataset in the paper',
  celeba: 'a folder of CelebA pictures',
  faces: 'a folder of other faces, for example LFW; not in the paper',
  own: 'any other pictures',
};

async function run(cell: Cell, context: CellContext): Promise<Omit<CellResult, 'cell'> | null> {
  const { data, limit } = context.settings;
  const heldOutFraction = await heldOutFractionOf(data, ruleOf(subject), context);
  const trained = await trainCell({ cell, context, data, excludeLabels: [], preset: null, heldOutFraction });
  return measureRun(trained, data, context, ({ trained, model, dataset }) =>
    measure({ cell, context, model, rows: new Map() }, dataset, trained.manifest, limit),
  );
}

async function measure(
  work: Work,
  dataset: PreparedDataset,
  manifest: RunManifest,
  limit: number | null,
): Promise<Measurement> {
  const { train, test } = trainAndTest(dataset, manifest, limit);
  const arrayOf = (inputs: Int32Array): ImageArray => ({
    shape: dataset.shape,
    inputs,
    read: (chosen, target) => dataset.read(chosen, target),
  });
  const { scored, reference } = await scoreSets(work, arrayOf(test));
  // As many as there are test images: the two must look alike, or the score remembers.
  const seen = arrayOf(limitInputs(train, test.length, work.cell.seed, 'limit/train'));
  scored.push({ name: 'train', columns: await score(work, 'train', seen), reference });
  const values: Record<string, number> = {};
  for (const { name, columns, reference: own } of scored) {
    for (const [scoreName, other] of columns) values[`${name}/${scoreName}`] = areaOf(own.get(scoreName), other);
  }
  const figures = [...(await likelihood(work, scored)), await plates(work, manifest.nets)];
  return { values, figures, tested: test.length };
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
  defaults: { ...plainDefaults, methods: ['vae', 'joint'], samples: shownImages },
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
      scoreNames.flatMap((score) => {
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
