/** Table 1 and Figure 1: how far samples are from real images. FID where a person supplies Inception-v3, else a distance of its own name. */
import path from 'node:path';
import { openExtractor, type FeatureExtractor } from '../features/extractor.ts';
import { cachedFeatureSet, computeFeatureSet, setDistances, type FeatureSet } from '../features/feature-set.ts';
import { imageSets, imagesOf, least, ruleOf, trainAndTest } from '../image-sets.ts';
import { measureRun, type MeasuredRun } from '../measured-run.ts';
import { samplesOf } from '../model-samples.ts';
import { table1 } from '../paper.ts';
import { latestSamples, relativeTo } from '../report/figures.ts';
import { setOf, trainOnSet } from '../set-training.ts';
import { setCells, setsOf, setTable, subjectsOf } from '../set-tables.ts';
import { plainDefaults } from '../settings.ts';
import type { Cell, CellContext, CellResult, Experiment, ExperimentSettings, TableRow } from '../types.ts';

interface Measuring extends MeasuredRun {
  readonly cell: Cell;
  readonly context: CellContext;
  readonly extractor: FeatureExtractor;
}

/** Features of inputs of the dataset, computed once for all cells of the experiment. */
function featuresOf(measuring: Measuring, inputs: Int32Array, what: string): Promise<FeatureSet> {
  const { context, extractor, dataset, trained } = measuring;
  const { split } = trained.manifest;
  const content = [dataset.fingerprint, what, split.seed, split.heldOutFraction, split.limit ?? 0].join(' ');
  return cachedFeatureSet(path.join(context.root, 'features'), content, {
    extractor,
    count: inputs.length,
    images: () => imagesOf(dataset, inputs),
    signal: context.signal,
    onProgress: (done, total) => context.progress('measuring', done, total, `${what} images`),
  });
}

async function measure(measuring: Measuring): Promise<{ values: Record<string, number>; tested: number }> {
  const { cell, context, extractor, dataset, trained, model } = measuring;
  const { settings, signal } = context;
  const limit = least(settings.limit, ruleOf(cell.subject).test);
  const { train, test } = trainAndTest(dataset, trained.manifest, limit);
  const real = await featuresOf(measuring, train, 'training');
  const unseen = await featuresOf(measuring, test, 'test');
  const samples = await computeFeatureSet({
    extractor,
    count: settings.samples,
    images: () => samplesOf(model, settings.samples, cell.seed, signal),
    signal,
    onProgress: (done, total) => context.progress('measuring', done, total, 'samples'),
  });
  const floor = Object.entries(setDistances(real, unseen)).map(([name, value]) => [`test/${name}`, value] as const);
  return { values: { ...setDistances(real, samples), ...Object.fromEntries(floor) }, tested: test.length };
}

async function run(cell: Cell, context: CellContext): Promise<Omit<CellResult, 'cell'> | null> {
  const extractor = await openExtractor(context.settings.inception, context.threads);
  try {
    const trained = await trainOnSet(cell, context);
    return await measureRun(trained, setOf(cell, context), context, async (opened) => {
      const measured = await measure({ ...opened, cell, context, extractor });
      const figures = (await latestSamples(opened.trained.dir)).map((figure) => ({
        ...figure,
        title: cell.id,
        file: relativeTo(context.root, figure.file),
      }));
      return { ...measured, figures };
    });
  } finally {
    await extractor.dispose();
  }
}

const measures = [
  { value: 'frechet', better: 'lower', digits: 2 },
  { value: 'kernel', better: 'lower', digits: 5 },
  { value: 'precision', better: 'higher', digits: 3 },
  { value: 'recall', better: 'higher', digits: 3 },
] as const;

/** The test images in the samples' place: what nobody can be asked to be better than. */
function floorRow(results: readonly CellResult[], settings: ExperimentSettings, value: string): TableRow {
  const values = subjectsOf(results, settings).map((subject) => {
    const mean = results.find(({ cell }) => cell.subject === subject)?.values[`test/${value}`];
    return mean === undefined ? null : { mean, deviation: null, count: null };
  });
  return { heads: ['test images'], source: 'reference', values };
}

function titleOf(value: (typeof measures)[number]['value'], isFid: boolean): string {
  switch (value) {
    case 'frechet':
      return isFid ? 'Table 1: FID of samples' : 'Fréchet distance of gradient histograms, times 100 (not FID)';
    case 'kernel':
      return isFid ? 'Kernel distance (KID)' : 'Kernel distance of gradient histograms (not KID)';
    case 'precision':
      return 'Precision: share of samples among the real images';
    case 'recall':
      return 'Recall: share of real images among the samples';
  }
}

const plain =
  'The features are built in (histograms of gradients and colours) and know no objects; compare these figures with one another only.';

export const experiment: Experiment = {
  name: 'generation',
  title: 'Samples against real images',
  summary: 'each dataset by name: --set cifar10=folder.',
  paper: 'Table 1 and Figure 1',
  parameters: ['sets', 'methods', 'seeds', 'epochs', 'preset', 'samples', 'inception', 'runs', 'limit'],
  defaults: { ...plainDefaults, data: '', methods: ['vae', 'joint-plus', 'joint'], samples: 10_000 },
  sets: setsOf(imageSets),
  cells: setCells,
  run,
  report(results, settings) {
    const isFid = settings.inception !== null;
    const scaled = isFid ? results : results.map(inHundredths);
    const counts = `${settings.samples} samples against the images that were trained on. ${isFid ? 'Inception-v3 features as the paper has them.' : plain} The row of the test images is what a perfect sampler would come to.`;
    return Promise.resolve({
      tables: measures.map(({ value, better, digits }) =>
        setTable({
          results: scaled,
          settings,
          paper: isFid && value === 'frechet' ? table1 : null,
          id: value,
          title: titleOf(value, isFid),
          caption: captionOf(value, counts),
          value,
          better,
          digits,
          extra: [floorRow(scaled, settings, value)],
        }),
      ),
      figures: results.filter(({ cell }) => cell.seed === settings.seeds[0]).flatMap(({ figures }) => figures),
      notes: isFid
        ? []
        : [
            `No Inception-v3 was given, so there is no FID. The paper's, for reference: VAE ${paperValues('VAE')}, Ours(+) ${paperValues('Ours(+), Eq. 17')}, Ours ${paperValues('Ours')} on CIFAR-10, CelebA and LSUN.`,
          ],
    });
  },
};

function captionOf(value: string, counts: string): string {
  if (value === 'kernel')
    return `Unbiased squared MMD with the cubic kernel (Bińkowski et al. 2018), 20 subsets of at most 500; ± is over the subsets where there is a single seed. ${counts}`;
  if (value === 'frechet') return counts;
  return `Improved precision and recall (Kynkäänniemi et al. 2019), 3 neighbours, at most 2,000 of each. ${counts}`;
}

/** The built-in features lie within [0, 1]: their distances are small numbers. */
function inHundredths(result: CellResult): CellResult {
  const values = Object.fromEntries(
    Object.entries(result.values).map(([name, value]) => [name, name.endsWith('frechet') ? 100 * value : value]),
  );
  return { ...result, values };
}

function paperValues(method: string): string {
  const row = table1.rows.find((entry) => entry.method === method);
  return (row?.values ?? []).map((value) => value?.mean ?? '–').join(' / ');
}
