/** Methods side by side on one dataset: the same nets, data, seeds and budget for every objective, whatever it can and cannot do. */
import path from 'node:path';
import { limitInputs, splitForRun, testInputs } from '../../datasets/run-split.ts';
import type { PreparedDataset } from '../../datasets/types.ts';
import { CoreError } from '../../errors.ts';
import { aupr } from '../../evaluation/aupr.ts';
import { auroc } from '../../evaluation/auroc.ts';
import { lacks } from '../../objectives/capabilities.ts';
import { findObjective, objectives } from '../../objectives/registry.ts';
import type { RunFolder } from '../../runs/run-folder.ts';
import { defaultScore } from '../../scoring/default-score.ts';
import { scoreNames } from '../../score-names.ts';
import { scoreInputs } from '../../scoring/input-scores.ts';
import { openRunModel } from '../../scoring/run-model.ts';
import type { ScoringModel } from '../../scoring/types.ts';
import { openExtractor } from '../features/extractor.ts';
import { computeFeatureSet, cachedFeatureSet, setDistances } from '../features/feature-set.ts';
import { heldOutFractionOf, imagesOf, openPrepared } from '../image-sets.ts';
import { samplesOf } from '../model-samples.ts';
import { peakMemory } from '../peak-memory.ts';
import { latestSamples, relativeTo } from '../report/figures.ts';
import { bySeed, overSeeds } from '../tables.ts';
import { plainDefaults } from '../settings.ts';
import { factsOf, trainCell } from '../training-cell.ts';
import type { Cell, CellContext, CellResult, Experiment, ExperimentSettings, ResultTable, TableRow } from '../types.ts';

/** Everything is trained on where no label is held out. */
const everything = 'all';

/** A tenth is held out where the layout has no test images. */
const rule = { test: null };

type Values = Record<string, number>;

/** AUPR and AUROC of each raw score on the test set, where a label was held out. */
async function measureScores(
  model: ScoringModel,
  dataset: PreparedDataset,
  trained: RunFolder,
  context: CellContext,
): Promise<{ values: Values; tested: number }> {
  const { split, dataset: data } = trained.manifest;
  const { test, anomalous } = testInputs(dataset, split, data.excludeLabels);
  const labelOf = new Map(Array.from(test, (input, i) => [input, anomalous[i] ?? 0]));
  const inputs = limitInputs(test, context.settings.limit ?? undefined, split.seed, 'test-limit');
  const labels = Array.from(inputs, (input) => labelOf.get(input) ?? 0);
  const onProgress = (done: number, total: number): void => context.progress('measuring', done, total, 'images');
  const columns = await scoreInputs({ model, dataset, inputs, signal: context.signal, onProgress });
  const values: Values = {};
  for (const [score, column] of columns) {
    values[`${score}/aupr`] = aupr(column, labels);
    values[`${score}/auroc`] = auroc(column, labels);
  }
  values['baseRate'] = labels.filter((label) => label === 1).length / Math.max(1, labels.length);
  return { values, tested: inputs.length };
}

/** Distances of samples to the images that were trained on; nothing where there is no way to sample. */
async function measureSamples(
  model: ScoringModel,
  dataset: PreparedDataset,
  trained: RunFolder,
  { cell, context }: { cell: Cell; context: CellContext },
): Promise<Values> {
  if (lacks(findObjective(cell.method), 'samples') !== null) return {};
  const { settings, signal } = context;
  const extractor = await openExtractor(settings.inception, context.threads);
  try {
    const { split, dataset: data } = trained.manifest;
    const { train } = splitForRun(dataset, split, data.excludeLabels);
    const content = [
      dataset.fingerprint,
      'training',
      split.seed,
      split.heldOutFraction,
      split.limit ?? 0,
      data.excludeLabels,
    ];
    const progress = (unit: string) => (done: number, total: number) =>
      context.progress('measuring', done, total, unit);
    const real = await cachedFeatureSet(path.join(context.root, 'features'), content.join(' '), {
      extractor,
      count: train.length,
      images: () => imagesOf(dataset, train),
      signal,
      onProgress: progress('training images'),
    });
    const samples = await computeFeatureSet({
      extractor,
      count: settings.samples,
      images: () => samplesOf(model, settings.samples, cell.seed, signal),
      signal,
      onProgress: progress('samples'),
    });
    const { frechet, precision, recall } = setDistances(real, samples) as Values;
    // The built-in features lie within [0, 1]: their distances are small numbers.
    const scale = settings.inception === null ? 100 : 1;
    return {
      ...(frechet !== undefined && { frechet: scale * frechet }),
      ...(precision !== undefined && { precision }),
      ...(recall !== undefined && { recall }),
    };
  } finally {
    await extractor.dispose();
  }
}

/** From the run's log: diversity of the last grid of samples, steps a second. */
async function fromLog(trained: RunFolder): Promise<Values> {
  const metrics = await trained.readMetrics();
  const diversity = metrics.findLast((record) => typeof record['diversity'] === 'number')?.['diversity'];
  const speeds = metrics.map(({ imagesPerSecond }) => imagesPerSecond ?? Number.NaN).filter(Number.isFinite);
  const median = speeds.sort((a, b) => a - b)[speeds.length >> 1];
  return {
    ...(diversity !== undefined && { diversity }),
    ...(median !== undefined && { stepsPerSecond: median / trained.manifest.training.batch }),
  };
}

async function run(cell: Cell, context: CellContext): Promise<Omit<CellResult, 'cell'> | null> {
  const { data } = context.settings;
  const excludeLabels = cell.subject === everything ? [] : [cell.subject];
  const memory = await peakMemory(path.join(context.dir, 'memory.json'), async () =>
    trainCell({
      cell,
      context,
      data,
      excludeLabels,
      preset: null,
      heldOutFraction: cell.protocol === 'P2' ? await heldOutFractionOf(data, rule, context) : undefined,
    }),
  );
  const trained = memory.result;
  if (trained === null) return null;
  try {
    const dataset = await openPrepared(data, trained.manifest.preparation, context);
    const model = await openRunModel(trained, { threads: context.threads });
    try {
      const began = performance.now();
      const scored =
        excludeLabels.length === 0 ? { values: {}, tested: 0 } : await measureScores(model, dataset, trained, context);
      const sampled = await measureSamples(model, dataset, trained, { cell, context });
      const measuringSeconds = (performance.now() - began) / 1000;
      const values = {
        ...scored.values,
        ...sampled,
        ...(await fromLog(trained)),
        ...(memory.gigabytes !== null && { memory: memory.gigabytes }),
      };
      const figures = (await latestSamples(trained.dir)).map((figure) => ({
        ...figure,
        title: cell.id,
        caption: captionOf(trained, cell.method),
        file: relativeTo(context.root, figure.file),
      }));
      const facts = await factsOf(trained, context, { testImages: scored.tested, measuringSeconds });
      return { values, series: {}, figures, facts };
    } finally {
      await model.dispose();
      dataset.close();
    }
  } finally {
    await trained.close();
  }
}

function captionOf({ manifest }: RunFolder, method: string): string {
  const how = !findObjective(method).networks.includes('generator')
    ? 'Samples of Langevin dynamics from noise'
    : 'Samples g(z), the same z for every method with this seed';
  return `${how}, not chosen by hand.${manifest.message === null ? '' : ` ${manifest.message}`}`;
}

const overview = [
  { head: 'AUPR', value: (method: string) => `${defaultOf(method)}/aupr` },
  { head: 'AUROC', value: (method: string) => `${defaultOf(method)}/auroc` },
  { head: 'Fréchet', value: () => 'frechet' },
  { head: 'precision', value: () => 'precision' },
  { head: 'recall', value: () => 'recall' },
  { head: 'diversity', value: () => 'diversity' },
  { head: 'steps/s', value: () => 'stepsPerSecond' },
  { head: 'memory, GB', value: () => 'memory' },
] as const;

/** The default score where it is raw, else the first raw one: the combination needs a calibration of its own. */
function defaultOf(method: string): string {
  const { scores } = findObjective(method);
  const chosen = defaultScore(method);
  return chosen === 'combined' ? (scores.find((score) => score === 'joint') ?? scores[0] ?? 'energy') : chosen;
}

function tables(results: readonly CellResult[], settings: ExperimentSettings): ResultTable[] {
  const methods = settings.methods.filter((method) => results.some(({ cell }) => cell.method === method));
  const of = (method: string): CellResult[] => bySeed(results.filter(({ cell }) => cell.method === method));
  const rate = results.find(({ values }) => values['baseRate'] !== undefined)?.values['baseRate'];
  const held =
    rate === undefined ? 'No label was held out: there are no AUPR and AUROC.' : `Base rate ${rate.toFixed(3)}.`;
  const distance =
    settings.inception === null ? 'of gradient histograms, times 100, not FID' : 'of Inception-v3 features, FID';
  const seeds = settings.seeds.length === 1 ? 'one seed' : `${settings.seeds.length} seeds, ± is their deviation`;
  const rows = methods.map((method): TableRow => {
    const values = overview.map(({ value }) => overSeeds(of(method), value(method)));
    return { heads: [method, defaultOf(method)], source: 'here', values };
  });
  const byScore = methods.flatMap((method) =>
    scoreNames.flatMap((score): TableRow[] => {
      const values = ['aupr', 'auroc'].map((ending) => overSeeds(of(method), `${score}/${ending}`));
      return values.every((value) => value === null) ? [] : [{ heads: [method, score], source: 'here', values }];
    }),
  );
  const shared = { heads: ['Method', 'Score'], better: 'higher', digits: 3 } as const;
  return [
    {
      ...shared,
      id: 'overview',
      title: 'Comparison',
      caption: `Same nets, data and number of steps; ${seeds}. AUPR (average precision) and AUROC of the score that is named. ${held} Fréchet: distance ${distance}, lower is better. Diversity: mean distance of samples over that of data, near 1 is good. Steps a second: median of the training, with whatever else the computer did meanwhile. Memory: largest resident memory of the whole process while it trained.`,
      columns: overview.map(({ head }) => head),
      unranked: ['Fréchet', 'diversity', 'steps/s', 'memory, GB'],
      rows,
    },
    ...(byScore.length === 0
      ? []
      : [{ ...shared, id: 'scores', title: 'Every score', caption: held, columns: ['AUPR', 'AUROC'], rows: byScore }]),
  ];
}

export const experiment: Experiment = {
  name: 'compare',
  title: 'Methods side by side',
  summary: 'any dataset; with --digits one of its labels is held out, and the scores are measured.',
  paper: "Tables 1 and 4 (its methods, not their authors' nets)",
  parameters: [
    'data',
    'digits',
    'methods',
    'seeds',
    'epochs',
    'protocols',
    'preset',
    'samples',
    'inception',
    'runs',
    'limit',
  ],
  defaults: { ...plainDefaults, methods: objectives.map(({ name }) => name), protocols: ['P2'], samples: 2000 },
  sets: {},
  check({ digits, protocols }) {
    if (digits.length <= 1 && protocols.length === 1 && (digits.length === 1 || protocols[0] === 'P2')) return;
    const text = 'A comparison holds out at most one label, under one protocol; P1 needs a label.';
    throw new CoreError('experiment/settings', `${text} Use a folder of its own for each.`);
  },
  cells: ({ seeds, digits, methods, protocols }) =>
    seeds.flatMap((seed) =>
      methods.map((method) => ({
        id: `${method}-seed${seed}`,
        method,
        subject: digits[0] ?? everything,
        protocol: protocols[0] ?? 'P2',
        seed,
      })),
    ),
  run,
  report(results, settings) {
    const notes = results.flatMap(({ cell, figures }) => {
      const said = figures.map(({ caption }) => caption).find((caption) => caption.includes('collapsed'));
      return said === undefined ? [] : [`${cell.id}: ${said.slice(said.indexOf('The samples'))}`];
    });
    return Promise.resolve({
      tables: tables(results, settings),
      figures: results.flatMap(({ figures }) => figures),
      notes,
    });
  },
};
