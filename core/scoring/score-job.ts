/** The whole of `triangle score`: a run and paths in; CSV, heatmaps, report and results as they come out. */
import path from 'node:path';
import type { DatasetProblem, ImageSource } from '../datasets/types.ts';
import { CoreError } from '../errors.ts';
import { scoreNames, type ScoreName } from '../score-names.ts';
import { writeJsonAtomic } from '../runs/atomic.ts';
import type { RunFolder } from '../runs/run-folder.ts';
import type { Calibration } from './calibration.ts';
import { openCsv, type CsvValue, type CsvWriter } from './csv.ts';
import { defaultScore } from './default-score.ts';
import { HeatmapFolder, type HeatmapOptions } from './heatmap-files.ts';
import { ensureCalibration } from './held-out.ts';
import { openInputs } from './inputs.ts';
import { joinPictures, type PictureList } from './pictures.ts';
import { Top } from './ranking.ts';
import { writeReport } from './report/write.ts';
import { openRunModel, type RunModelOptions } from './run-model.ts';
import { scoreImages, type ScoreProgress } from './stream.ts';
import { labelOf, thresholdByHand, thresholdFromNormals, type Threshold } from './threshold.ts';
import type { ScoredImage, ScoringModel, SkippedImage } from './types.ts';

export type ThresholdRule =
  { readonly kind: 'false-alarms'; readonly rate: number } | { readonly kind: 'value'; readonly value: number };

export interface ScoreJob extends RunModelOptions {
  readonly run: RunFolder;
  /** Files and folders of pictures; `builtin:<name>` and dataset files are taken too. */
  readonly inputs: readonly string[];
  /** Ranks and labels; by default the objective's. */
  readonly score?: ScoreName | undefined;
  /** Default: 1 false alarm in 100. */
  readonly threshold?: ThresholdRule | undefined;
  /** CSV file; by default one in the run's `scores` folder. */
  readonly out?: string | undefined;
  readonly heatmaps?: HeatmapOptions | undefined;
  /** HTML file. */
  readonly report?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** `stage` names what is going on: calibrating happens once for a model. */
  readonly onProgress?: ((stage: 'calibrating' | 'scoring' | 'report', progress: ScoreProgress) => void) | undefined;
  readonly onResult?: ((row: Readonly<Record<string, CsvValue>>) => void) | undefined;
  readonly onSkipped?: ((problem: DatasetProblem) => void) | undefined;
}

export interface ScoreSummary {
  readonly csv: string;
  readonly report: string | null;
  readonly heatmaps: string | null;
  readonly score: ScoreName;
  readonly threshold: Threshold;
  readonly scored: number;
  readonly anomalous: number;
  readonly skipped: number;
  readonly imagesPerSecond: number;
  /** Most anomalous first, at most ten. */
  readonly top: readonly { readonly name: string; readonly score: number; readonly label: 0 | 1 }[];
}

/** Pictures of the report. */
const shownAnomalous = 200;
const shownTypical = 12;
/** Skipped files that are listed by name. */
const listedSkipped = 1000;

/** The score to rank by. Throws `scoring/score` for one that this model cannot give. */
export function chooseScore(model: ScoringModel, calibration: Calibration, wanted: ScoreName | undefined): ScoreName {
  const score = wanted ?? defaultScore(model.description.objective);
  if (calibration.scores[score] !== undefined) return score;
  const known = scoreNames.filter((name) => calibration.scores[name] !== undefined).join(', ');
  throw new CoreError(
    'scoring/score',
    `A model of objective ${model.description.objective} gives no score "${score}". Choose one of ${known}.`,
  );
}

/** The threshold of a rule. */
function chooseThreshold(calibration: Calibration, score: ScoreName, rule: ThresholdRule | undefined): Threshold {
  if (rule?.kind === 'value') return thresholdByHand(rule.value);
  return thresholdFromNormals(calibration.scores[score] ?? [], rule?.rate ?? 0.01, calibration.onTraining);
}

/** Columns of the CSV in order. */
export function csvColumns(calibration: Calibration): string[] {
  const scores = scoreNames.filter((name) => calibration.scores[name] !== undefined);
  return ['image_path', 'pred_score', 'pred_label', ...scores, 'reconstruction_rmse', 'tiles'];
}

export function rowOf(
  image: Pick<ScoredImage, 'name' | 'scores' | 'rmse' | 'tiles'>,
  score: ScoreName,
  threshold: Threshold,
): Record<string, CsvValue> {
  const value = image.scores[score] ?? Number.NaN;
  return {
    image_path: image.name,
    pred_score: value,
    pred_label: labelOf(value, threshold),
    ...image.scores,
    reconstruction_rmse: image.rmse,
    tiles: image.tiles,
  };
}

/** Scores everything. On cancellation the rows that were finished are kept in `<name>.partial.csv`. */
export async function scorePictures(job: ScoreJob): Promise<ScoreSummary> {
  const { run, signal } = job;
  const sources = await openInputs(job.inputs);
  const model = await openRunModel(run, job);
  try {
    const calibration = await ensureCalibration(run, model, {
      signal,
      onProgress: (progress) => job.onProgress?.('calibrating', progress),
    });
    return await scoreAll(job, sources, model, calibration);
  } finally {
    await model.dispose();
    for (const source of sources) await source.close();
  }
}

async function scoreAll(
  job: ScoreJob,
  sources: readonly ImageSource[],
  model: ScoringModel,
  calibration: Calibration,
): Promise<ScoreSummary> {
  const { run, signal } = job;
  const score = chooseScore(model, calibration, job.score);
  const threshold = chooseThreshold(calibration, score, job.threshold);
  const list = joinPictures(sources);
  const csvFile = job.out ?? (await run.scoresPath(`${new Date().toISOString().replace(/[:.]/g, '-')}.csv`));
  const columns = csvColumns(calibration);
  const heatmaps = job.heatmaps === undefined ? null : await HeatmapFolder.open(job.heatmaps, calibration);
  const skipped: SkippedImage[] = [];
  let skippedCount = 0;
  const skip = (image: SkippedImage): void => {
    skippedCount++;
    if (skipped.length < listedSkipped) skipped.push(image);
    job.onSkipped?.(image.problem);
  };
  for (const problem of sources.flatMap((source) => source.problems)) {
    if (problem.kind !== 'duplicate') skip({ kind: 'skipped', index: -1, name: problem.name, problem });
  }
  const folder = commonFolder(list.items.map(({ name }) => name));
  const values: number[] = [];
  const most = new Top<ScoredImage>(shownAnomalous);
  const least = new Top<ScoredImage>(shownTypical);
  const csv = await openCsv(csvFile, columns);
  const start = performance.now();
  try {
    const onProgress = (progress: ScoreProgress): void => job.onProgress?.('scoring', progress);
    for await (const result of scoreImages({
      model,
      list,
      normals: calibration,
      maps: heatmaps !== null,
      signal,
      onProgress,
    })) {
      if (result.kind === 'skipped') {
        skip(result);
        continue;
      }
      const row = rowOf(result, score, threshold);
      await csv.row(columns.map((column) => row[column] ?? null));
      job.onResult?.(row);
      if (result.maps !== null) await heatmaps?.write(result.name.slice(folder.length), result.maps);
      const value = result.scores[score] ?? Number.NaN;
      values.push(value);
      // Maps are made again for the few that the report shows.
      most.add(value, { ...result, maps: null });
      least.add(-value, { ...result, maps: null });
    }
    await csv.finish();
  } catch (error) {
    throw await partial(csv, csvFile, values.length, error);
  }
  const seconds = (performance.now() - start) / 1000;
  await writeJsonAtomic(csvFile.replace(/\.csv$/i, '') + '.json', {
    formatVersion: 1,
    created: new Date().toISOString(),
    run: run.manifest.id,
    model: model.description,
    calibrated: { images: calibration.count, statistics: calibration.statistics },
    score,
    threshold,
    scored: values.length,
    skipped: skipped.map(({ problem }) => problem),
    skippedCount,
  });
  if (job.report !== undefined) {
    await writeReport({
      file: job.report,
      model,
      calibration,
      list,
      score,
      threshold,
      values,
      most: most.items(),
      least: least.items(),
      skipped,
      skippedCount,
      facts: factsOf(job, model, calibration),
      folder,
      title: titleOf(job.inputs, list),
      signal,
      onProgress: (progress) => job.onProgress?.('report', progress),
    });
  }
  return {
    csv: csvFile,
    report: job.report ?? null,
    heatmaps: job.heatmaps?.dir ?? null,
    score,
    threshold,
    scored: values.length,
    anomalous: values.filter((value) => labelOf(value, threshold) === 1).length,
    skipped: skippedCount,
    imagesPerSecond: values.length / seconds,
    top: most
      .items()
      .slice(0, 10)
      .map((image) => {
        const value = image.scores[score] ?? Number.NaN;
        return { name: image.name, score: value, label: labelOf(value, threshold) };
      }),
  };
}

/** What all names begin with, up to and with the last slash: it says nothing of a single picture. */
export function commonFolder(names: readonly string[]): string {
  let common = names[0] ?? '';
  for (const name of names) {
    while (!name.startsWith(common)) common = common.slice(0, -1);
  }
  return common.slice(0, common.lastIndexOf('/') + 1);
}

/** Keeps what was finished under a name that says that it is not all. */
async function partial(csv: CsvWriter, file: string, rows: number, error: unknown): Promise<unknown> {
  if (!(error instanceof CoreError) || error.code !== 'cancelled' || rows === 0) {
    await csv.abandon();
    return error;
  }
  const kept = `${file.replace(/\.csv$/i, '')}.partial.csv`;
  await csv.finish(kept);
  return new CoreError('cancelled', `Cancelled after ${rows} images; their scores are in ${kept}.`, { cause: error });
}

export function titleOf(inputs: readonly string[], list: PictureList): string {
  const [first = ''] = inputs;
  const name = first.startsWith('builtin:') ? first : path.basename(path.resolve(first));
  return inputs.length === 1 ? `Scores of ${name}` : `Scores of ${list.items.length} images`;
}

export function factsOf(
  { run }: Pick<ScoreJob, 'run'>,
  model: ScoringModel,
  calibration: Calibration,
): [string, string][] {
  const { objective, spec, preparation, step, weights, fingerprint } = model.description;
  const tiles =
    preparation.tiles === null
      ? 'no tiles'
      : `tiles every ${preparation.tiles.stride} pixels, the score is the mean of the ${calibration.tilesAveraged} most anomalous`;
  return [
    ['Run', `${run.manifest.name} (${run.manifest.id})`],
    ['Objective', objective],
    [
      'Model',
      `${spec.size} x ${spec.size} pixels, ${spec.channels === 1 ? 'grey' : 'colour'}, width ${spec.width}, latent ${spec.latent}`,
    ],
    ['Preparation', `${preparation.resize}, ${tiles}`],
    ['Checkpoint', `step ${step}, ${weights === 'average' ? 'moving average of the weights' : 'weights of that step'}`],
    ['Weights', fingerprint.slice(0, 16)],
    ['Calibrated on', `${calibration.count} ${calibration.onTraining ? 'training' : 'held-out normal'} images`],
    ['Scored', new Date().toISOString()],
  ];
}
