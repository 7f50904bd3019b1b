/** Table 4: one digit of MNIST is never trained on; how well the scores tell it from the others. */
import path from 'node:path';
import { limitInputs, splitForRun, testInputs } from '../../datasets/run-split.ts';
import type { PreparedDataset } from '../../datasets/types.ts';
import { CoreError } from '../../errors.ts';
import { baseRate } from '../../evaluation/ranking.ts';
import { meanOfArrays } from '../../evaluation/aggregate.ts';
import type { Snapshot } from '../../jobs/snapshots.ts';
import { findObjective } from '../../objectives/registry.ts';
import type { ScoreName } from '../../score-names.ts';
import type { RunManifest } from '../../runs/manifest.ts';
import { givenScores, isCalibrated } from '../../scoring/given-scores.ts';
import { normalsOfInputs, scoreInputs } from '../../scoring/input-scores.ts';
import { courseChart, likelihoodChart, picturesOf, reconstructionsName } from '../anomaly/figures.ts';
import { anomalyTable, mostNormals } from '../anomaly/table.ts';
import { heldOutFractionOf } from '../image-sets.ts';
import { likelihoodAmong, writeReconstructions } from '../report/figures.ts';
import { plainDefaults } from '../settings.ts';
import { metricsOfScore, readSnapshots, writeSnapshot } from '../snapshot-scores.ts';
import { factsOf, trainCell } from '../training-cell.ts';
import type { Cell, CellContext, CellResult, Experiment, ExperimentSettings } from '../types.ts';

/** P2 has its own test images, or a tenth where the layout has none. */
const noRule = { test: null };

/** Of the test set, beside the scores. */
const labelColumn = 'anomalous';

/** The scores that a method's networks give of model inputs, as far as they were asked for; `place` needs whole pictures. */
function scoresOf(method: string, { scores }: ExperimentSettings): ScoreName[] {
  return givenScores(findObjective(method)).filter(
    (score) => score !== 'place' && (scores === null || scores.includes(score)),
  );
}

/** Those that were held out; under P1 nothing is, and images that were trained on take their place. */
function normalInputs(dataset: PreparedDataset, { split, dataset: { excludeLabels } }: RunManifest): Int32Array {
  const { train, heldOut } = splitForRun(dataset, split, excludeLabels);
  return limitInputs(heldOut.length > 0 ? heldOut : train, mostNormals, split.seed, 'normals');
}

function testSet(dataset: PreparedDataset, manifest: RunManifest, limit: number | null) {
  const { test, anomalous } = testInputs(dataset, manifest.split, manifest.dataset.excludeLabels);
  const labels = new Map(Array.from(test, (input, i) => [input, anomalous[i] ?? 0]));
  const inputs = limitInputs(test, limit ?? undefined, manifest.split.seed, 'test-limit');
  return { inputs, labels: Float32Array.from(inputs, (input) => labels.get(input) ?? 0) };
}

/** Scores of the whole test set by the networks as they are. */
async function take(snapshot: Snapshot, cell: Cell, context: CellContext): Promise<void> {
  const { settings } = context;
  if (snapshot.manifest.preparation.tiles !== null)
    throw new CoreError('experiment/settings', 'This preset cuts pictures into tiles. Choose one that does not.');
  const { inputs, labels } = testSet(snapshot.dataset, snapshot.manifest, settings.limit);
  const scores = scoresOf(cell.method, settings);
  // Not cut short by the signal: it would end the training as failed, without the checkpoint that a stop leaves.
  const normals = scores.some(isCalibrated)
    ? await normalsOfInputs({ ...snapshot, inputs: normalInputs(snapshot.dataset, snapshot.manifest) })
    : undefined;
  const columns = await scoreInputs({
    model: snapshot.model,
    dataset: snapshot.dataset,
    inputs,
    scores,
    normals,
    onProgress: (done, total) => context.progress('measuring', done, total, 'images'),
  });
  const ofLabel = (label: number): Int32Array => inputs.filter((_, i) => labels[i] === label);
  const { model, dataset } = snapshot;
  await writeReconstructions({
    model,
    dataset,
    rows: [ofLabel(0), ofLabel(1)],
    file: path.join(context.dir, reconstructionsName),
  });
  // Last: with it the snapshot counts.
  await writeSnapshot(context.dir, snapshot.step, new Map([...columns, [labelColumn, labels]]));
}

async function run(cell: Cell, context: CellContext): Promise<Omit<CellResult, 'cell'> | null> {
  const { settings, dir } = context;
  let measuring = 0;
  const trained = await trainCell({
    cell,
    context,
    data: settings.data,
    excludeLabels: [cell.subject],
    preset: null,
    heldOutFraction: cell.protocol === 'P2' ? await heldOutFractionOf(settings.data, noRule, context) : undefined,
    async take(snapshot) {
      const began = performance.now();
      await take(snapshot, cell, context);
      measuring += (performance.now() - began) / 1000;
    },
  });
  if (trained === null) return null;
  try {
    const snapshots = (await readSnapshots(dir)).slice(-settings.lastEpochs);
    const labels = snapshots[0]?.columns.get(labelColumn) ?? new Float32Array(0);
    const values: Record<string, number> = { baseRate: baseRate(labels), snapshots: snapshots.length };
    const series: Record<string, readonly number[]> = { step: snapshots.map(({ step }) => step) };
    for (const score of scoresOf(cell.method, settings)) {
      const byEpoch = snapshots.map(({ columns }) => columns.get(score) ?? new Float32Array(0));
      const measured = metricsOfScore(score, byEpoch, labels);
      Object.assign(values, measured.values);
      Object.assign(series, measured.series);
    }
    const shown = likelihoodAmong(scoresOf(cell.method, settings));
    const scores = snapshots
      .map(({ columns }) => columns.get(shown?.score ?? ''))
      .filter((column) => column !== undefined);
    const pictures = await picturesOf(cell, trained.dir, context);
    const chart =
      shown === null || scores.length === 0
        ? []
        : [await likelihoodChart(cell, context, { axis: shown.axis, values: meanOfArrays(scores), labels })];
    const course = snapshots.length < 2 ? [] : [await courseChart(cell, context, values, series)];
    const facts = await factsOf(trained, context, { testImages: labels.length, measuringSeconds: measuring });
    return { values, series, figures: [...chart, ...course, ...pictures], facts };
  } finally {
    await trained.close();
  }
}

const digits = Array.from({ length: 10 }, (_, digit) => String(digit));

export const experiment: Experiment = {
  name: 'anomaly',
  title: 'Anomaly detection on MNIST, each digit held out',
  summary: 'a folder with the four IDX files of MNIST, or any labelled dataset such as builtin:digits.',
  paper: 'Table 4',
  parameters: ['data', 'digits', 'methods', 'seeds', 'epochs', 'lastEpochs', 'protocols', 'scores', 'preset', 'limit'],
  defaults: {
    ...plainDefaults,
    digits,
    methods: ['vae', 'joint-matched', 'joint', 'joint-plus'],
    lastEpochs: 10,
    protocols: ['P1'],
    samples: 64,
  },
  sets: {},
  // Seeds outside: after the first round there is a figure in every column.
  cells: ({ seeds, protocols, digits: chosen, methods }) =>
    seeds.flatMap((seed) =>
      protocols.flatMap((protocol) =>
        chosen.flatMap((subject) =>
          methods.map((method) => ({
            id: `${method}-${protocol}-${subject.replace(/[^\w.-]/g, '_')}-seed${seed}`,
            method,
            subject,
            protocol,
            seed,
          })),
        ),
      ),
    ),
  run,
  report(results, settings) {
    const protocols = settings.protocols.filter((protocol) => results.some(({ cell }) => cell.protocol === protocol));
    const [first] = settings.seeds;
    return Promise.resolve({
      tables: protocols.map((protocol) => anomalyTable(protocol, results)),
      figures: results.filter(({ cell }) => cell.seed === first).flatMap(({ figures }) => figures),
      notes: [
        'The VAE row of the paper has .063 for digit 1, less than the worst possible ranking has under P1 (.226 at a base rate of .388); it fits P2. Its other rows fit P1: the table seems to mix the two.',
        'No label of a test image was used in training or for choosing an epoch.',
      ],
    });
  },
};
