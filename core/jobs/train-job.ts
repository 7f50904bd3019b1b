/** Training as hosts ask for it: from a path and a few choices to a run folder that can be scored, with every stage told. */
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { openDevice } from '../backends/devices.ts';
import { openSource } from '../datasets/open.ts';
import { prepareDataset } from '../datasets/prepared.ts';
import type { PrepareProgress } from '../datasets/prepared.ts';
import { splitForRun } from '../datasets/run-split.ts';
import type { DatasetProblem, DatasetSplit, ImageSource, PreparedDataset } from '../datasets/types.ts';
import { withoutItems } from '../datasets/without.ts';
import { CoreError } from '../errors.ts';
import { findObjective } from '../objectives/registry.ts';
import { formatVersion, type RunManifest } from '../runs/manifest.ts';
import { RunFolder } from '../runs/run-folder.ts';
import { calibrateRun, calibrationSummary } from '../scoring/held-out.ts';
import { openRunModel } from '../scoring/run-model.ts';
import type { ModelDescription } from '../scoring/types.ts';
import type { ScoreProgress } from '../scoring/stream.ts';
import type { TrainingControl } from '../training/control.ts';
import { train } from '../training/trainer.ts';
import type { TrainEvent, TrainingOutput, TrainRequest, TrainResult } from '../training/types.ts';
import { version } from '../version.ts';
import { checkPlan, planLike, planTraining, stepsFor } from './plan.ts';
import type { TrainingChoices } from './plan.ts';
import { makeSnapshots, type SnapshotJob } from './snapshots.ts';
import { bestBy, outputFor, writeGrid } from './training-output.ts';
import { makeValidation } from './validation.ts';

export interface TrainJob extends TrainingChoices {
  /** Path of a dataset, or `builtin:<name>`; not needed to resume. */
  readonly data?: string | undefined;
  /** The run folder: new, or one to go on with. */
  readonly out: string;
  /** Name for people; the folder's by default. */
  readonly name?: string | undefined;
  readonly resume?: boolean | undefined;
  /** Labels that count as anomalous and are not trained on. */
  readonly excludeLabels?: readonly string[] | undefined;
  /** Names of pictures that are left out altogether. */
  readonly excludeFiles?: readonly string[] | undefined;
  /** All settings, seed and split of this run, and its very data, instead of choices. */
  readonly like?: RunManifest | undefined;
  /** Which images are trained on: see `splitP1`; P2, the layout's own training images, by default. */
  readonly protocol?: 'P1' | 'P2' | undefined;
  /** Most model inputs that are trained on, for quick tries. */
  readonly limit?: number | undefined;
  /** Share of the normal training images that is not trained on; 0 where nothing needs them. */
  readonly heldOutFraction?: number | undefined;
  /** Called with a scoring model at the end of each of the last epochs; takes the place of the validation on labelled pictures. */
  readonly snapshots?: SnapshotJob | undefined;
  /** False: a finished run is not calibrated on its held-out images. */
  readonly calibrate?: boolean | undefined;
  /** A device's name, or `auto`. */
  readonly device?: string | undefined;
  readonly threads?: number | undefined;
  readonly output?: Partial<TrainingOutput> | undefined;
  readonly cacheDir?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly control?: TrainingControl | undefined;
  readonly onEvent?: ((event: TrainJobEvent) => void) | undefined;
}

export type TrainJobEvent =
  | { readonly kind: 'preparing'; readonly progress: PrepareProgress }
  | { readonly kind: 'prepared'; readonly dataset: DatasetFacts; readonly problems: readonly DatasetProblem[] }
  /** Nobody asked for an objective: it is the preset's. `summary` says what it is, and whether it deviates from the paper. */
  | { readonly kind: 'recommended'; readonly preset: string; readonly objective: string; readonly summary: string }
  | { readonly kind: 'planned'; readonly manifest: RunManifest }
  | { readonly kind: 'calibrating'; readonly progress: ScoreProgress }
  | TrainEvent;

export interface DatasetFacts {
  readonly description: string;
  readonly counts: RunManifest['dataset']['counts'];
}

export interface TrainJobResult extends TrainResult {
  readonly run: string;
  readonly device: string;
}

const split = { heldOutFraction: 0.1, validationLimit: 1000 };

/**
 * Trains a new run, or goes on with one. A finished run is calibrated on its held-out normal images, so that scoring can begin at once.
 * Throws what opening the dataset, the device and the run folder throw, `training/settings`, `training/data-changed`, and what
 * training throws; the run folder keeps what was reached.
 */
export async function trainRun(job: TrainJob): Promise<TrainJobResult> {
  const run = job.resume === true && (await isRun(job.out)) ? await RunFolder.openForWriting(job.out) : null;
  try {
    const result = run === null ? await startRun(job) : await resumeRun(job, run);
    return result;
  } finally {
    await run?.close();
  }
}

async function isRun(dir: string): Promise<boolean> {
  try {
    await (await RunFolder.open(dir)).close();
    return true;
  } catch (error) {
    if (error instanceof CoreError && error.code === 'runs/not-a-run') return false;
    throw error;
  }
}

async function startRun(job: TrainJob): Promise<TrainJobResult> {
  if (job.data === undefined)
    throw new CoreError(
      'training/no-data',
      `No data was given for a new run. Give a folder of images, or builtin:digits.`,
    );
  const { like } = job;
  const excludeFiles = (like === undefined ? job.excludeFiles : like.dataset.excludeFiles) ?? [];
  const source = withoutItems(await openSource(job.data, cacheOptions(job)), excludeFiles);
  try {
    const plan = like === undefined ? await planTraining(source, job) : planLike(like);
    checkPlan(plan);
    if (plan.recommended) {
      const { preset, objective } = plan;
      job.onEvent?.({
        kind: 'recommended',
        preset: preset.name,
        objective: objective.name,
        summary: objective.summary,
      });
    }
    const prepared = await prepare(source, plan.preparation, job);
    try {
      if (like !== undefined) checkSameData(prepared, like);
      const splitSettings: RunManifest['split'] = like?.split ?? {
        ...split,
        ...(job.heldOutFraction !== undefined && { heldOutFraction: job.heldOutFraction }),
        seed: plan.training.seed,
        protocol: job.protocol ?? 'P2',
        ...(job.limit !== undefined && { limit: job.limit }),
      };
      const excludeLabels = like?.dataset.excludeLabels ?? job.excludeLabels ?? [];
      const parts = splitForRun(prepared, splitSettings, excludeLabels);
      const device = await openDevice(job.device ?? 'auto', threadOptions(job));
      const { name, description, adapter, reason } = device;
      const manifest: RunManifest = {
        formatVersion,
        id: randomUUID(),
        name: job.name ?? path.basename(path.resolve(job.out)),
        created: new Date().toISOString(),
        programVersion: version,
        objective: { name: plan.objective.name, options: plan.options },
        nets: plan.nets,
        preparation: plan.preparation,
        dataset: {
          source: job.data.startsWith('builtin:') ? job.data : path.resolve(job.data),
          format: source.format,
          fingerprint: prepared.fingerprint,
          excludeLabels,
          ...(excludeFiles.length > 0 && { excludeFiles }),
          counts: countsOf(parts, prepared),
        },
        split: splitSettings,
        training: { ...plan.training, steps: like?.training.steps ?? stepsFor(plan, job, parts.train.length) },
        device: { name, description, adapter, reason },
        state: 'new',
        message: null,
        step: 0,
        calibration: null,
      };
      const run = await RunFolder.create(job.out, manifest);
      try {
        return await runTraining(job, { run, source, prepared, parts, device });
      } finally {
        await run.close();
      }
    } finally {
      prepared.close();
    }
  } finally {
    await source.close();
  }
}

async function resumeRun(job: TrainJob, run: RunFolder): Promise<TrainJobResult> {
  const { dataset, preparation, split: settings, training } = run.manifest;
  const source = withoutItems(await openSource(dataset.source, cacheOptions(job)), dataset.excludeFiles ?? []);
  try {
    const prepared = await prepare(source, preparation, job);
    try {
      checkSameData(prepared, run.manifest);
      const parts = splitForRun(prepared, settings, dataset.excludeLabels);
      const device = await openDevice(job.device ?? run.manifest.device.name, threadOptions(job));
      const { name, description, adapter, reason } = device;
      const perEpoch = Math.max(1, Math.floor(parts.train.length / training.batch));
      const steps = job.steps ?? (job.epochs === undefined ? training.steps : job.epochs * perEpoch);
      await run.updateManifest({
        device: { name, description, adapter, reason },
        training: { ...training, steps: Math.max(steps, run.manifest.step) },
      });
      return await runTraining(job, { run, source, prepared, parts, device });
    } finally {
      prepared.close();
    }
  } finally {
    await source.close();
  }
}

function checkSameData(prepared: PreparedDataset, { dataset }: RunManifest): void {
  if (prepared.fingerprint === dataset.fingerprint) return;
  throw new CoreError(
    'training/data-changed',
    `The data in ${dataset.source} is not what the run began with: files were added, removed or changed. Restore it, or start a new run.`,
  );
}

interface Opened {
  readonly run: RunFolder;
  readonly source: ImageSource;
  readonly prepared: PreparedDataset;
  readonly parts: DatasetSplit;
  readonly device: Awaited<ReturnType<typeof openDevice>>;
}

async function runTraining(job: TrainJob, { run, source, prepared, parts, device }: Opened): Promise<TrainJobResult> {
  const { manifest } = run;
  const { counts } = manifest.dataset;
  job.onEvent?.({
    kind: 'prepared',
    dataset: { description: source.description, counts },
    problems: prepared.problems,
  });
  job.onEvent?.({ kind: 'planned', manifest });
  const objective = findObjective(manifest.objective.name);
  const describe = (step: number): ModelDescription => ({
    objective: objective.name,
    spec: manifest.nets,
    preparation: manifest.preparation,
    sigma: manifest.objective.options.sigma,
    step,
    weights: manifest.training.averaging > 0 ? 'average' : 'last',
    fingerprint: 'validation',
  });
  const { threads } = job;
  const stepsPerEpoch = Math.max(1, Math.floor(parts.train.length / manifest.training.batch));
  const validate =
    job.snapshots === undefined
      ? makeValidation({
          source,
          dataset: prepared,
          inputs: parts.validation,
          excludeLabels: manifest.dataset.excludeLabels,
          threads,
          describe,
        })
      : makeSnapshots({ job: job.snapshots, manifest, dataset: prepared, stepsPerEpoch, threads, describe });
  const request: TrainRequest = {
    nets: manifest.nets,
    objective,
    options: manifest.objective.options,
    training: manifest.training,
    output: {
      ...outputFor(manifest.training.steps, bestBy(objective), job.output),
      ...(job.snapshots !== undefined && { validationSteps: stepsPerEpoch }),
    },
    resume: job.resume === true,
  };
  const result = await train(request, {
    device,
    run,
    dataset: prepared,
    split: parts,
    writeGrid,
    ...(validate !== null && { validate }),
    ...(job.signal && { signal: job.signal }),
    ...(job.control && { control: job.control }),
    ...(job.onEvent && { onEvent: job.onEvent }),
  });
  if (result.state === 'finished' && job.calibrate !== false) await calibrateFinished(job, run);
  return { ...result, run: run.dir, device: device.name };
}

/** Scores of the held-out normals, so that thresholds are there when the first picture is scored. */
async function calibrateFinished(job: TrainJob, run: RunFolder): Promise<void> {
  // Without held-out images (a handful of pictures) there is nothing to calibrate on; scoring says so when it is asked.
  if (run.manifest.dataset.counts.heldOut === 0) return;
  const model = await openRunModel(run, { threads: job.threads });
  try {
    const calibration = await calibrateRun(run, model, {
      signal: job.signal,
      cacheDir: job.cacheDir,
      onProgress: (progress) => job.onEvent?.({ kind: 'calibrating', progress }),
    });
    await run.updateManifest({ calibration: calibrationSummary(calibration) });
  } finally {
    await model.dispose();
  }
}

async function prepare(
  source: ImageSource,
  preparation: RunManifest['preparation'],
  job: TrainJob,
): Promise<PreparedDataset> {
  return prepareDataset(source, preparation, {
    ...cacheOptions(job),
    ...(job.signal && { signal: job.signal }),
    onProgress: (progress) => job.onEvent?.({ kind: 'preparing', progress }),
  });
}

function countsOf(parts: DatasetSplit, prepared: PreparedDataset): RunManifest['dataset']['counts'] {
  return {
    train: parts.train.length,
    heldOut: parts.heldOut.length,
    validation: parts.validation.length,
    skipped: prepared.problems.length,
  };
}

function cacheOptions({ cacheDir }: TrainJob): { cacheDir?: string } {
  return cacheDir === undefined ? {} : { cacheDir };
}

function threadOptions({ threads }: TrainJob): { threads?: number } {
  return threads === undefined ? {} : { threads };
}
