/** A cell's training: one run in the cell's folder, begun or gone on with through the same job that hosts use. */
import path from 'node:path';
import type { SnapshotJob } from '../jobs/snapshots.ts';
import { trainRun, type TrainJobEvent } from '../jobs/train-job.ts';
import { CoreError, throwIfCancelled } from '../errors.ts';
import { RunFolder } from '../runs/run-folder.ts';
import { versions } from '../version.ts';
import { least } from './image-sets.ts';
import type { Cell, CellContext, CellFacts } from './types.ts';

export interface TrainingCell {
  readonly cell: Cell;
  readonly context: CellContext;
  readonly data: string;
  readonly excludeLabels: readonly string[];
  /** Preset where none was chosen; null: what fits the data. */
  readonly preset: string | null;
  /** Share of the training images that is kept back as test images; by default none where the layout has test images. */
  readonly heldOutFraction?: number | undefined;
  /** Most images that are trained on, where the experiment itself has a limit. */
  readonly trainLimit?: number | null | undefined;
  /** What to do at the end of the last epochs; without it the finished run is what is measured. */
  readonly take?: SnapshotJob['take'] | undefined;
}

/** The finished run, open for reading; null when the signal stopped it. Throws what training throws. */
export async function trainCell(request: TrainingCell): Promise<RunFolder | null> {
  const { cell, context } = request;
  const { settings, signal } = context;
  throwIfCancelled(signal);
  const out = path.join(settings.runs ?? context.dir, settings.runs === null ? 'run' : cell.id);
  const before = await openFinished(out);
  if (before !== null) return checked(before, request);
  const result = await trainRun({
    data: request.data,
    out,
    name: cell.id,
    resume: true,
    excludeLabels: request.excludeLabels,
    protocol: cell.protocol ?? 'P2',
    preset: settings.preset ?? request.preset ?? undefined,
    objective: cell.method,
    epochs: settings.epochs ?? undefined,
    seed: cell.seed,
    limit: least(settings.limit, request.trainLimit) ?? undefined,
    heldOutFraction: request.heldOutFraction,
    snapshots: request.take === undefined ? undefined : { lastEpochs: settings.lastEpochs, take: request.take },
    output: { validationSteps: 0 },
    calibrate: false,
    device: context.device,
    threads: context.threads,
    cacheDir: context.cacheDir,
    signal,
    onEvent: forward(context),
  });
  if (result.state !== 'finished') return null;
  return checked(await RunFolder.open(out), request);
}

/** A run that lay in the place already may be of something else. */
async function checked(run: RunFolder, { cell, data }: TrainingCell): Promise<RunFolder> {
  const { objective, training, dataset } = run.manifest;
  const wanted = data.startsWith('builtin:') ? data : path.resolve(data);
  if (objective.name === cell.method && training.seed === cell.seed && dataset.source === wanted) return run;
  await run.close();
  const text = `${run.dir} is a run of ${objective.name} with seed ${training.seed} on ${dataset.source}`;
  const other = `${cell.method} with seed ${cell.seed} on ${wanted} is needed.`;
  throw new CoreError('experiment/other-run', `${text}; ${other} Choose another --runs folder.`);
}

async function openFinished(dir: string): Promise<RunFolder | null> {
  try {
    const run = await RunFolder.open(dir);
    if (run.manifest.state === 'finished' && run.manifest.step >= run.manifest.training.steps) return run;
    await run.close();
    return null;
  } catch (error) {
    if (error instanceof CoreError && error.code === 'runs/not-a-run') return null;
    throw error;
  }
}

const shownProblems = 3;

function forward(context: CellContext): (event: TrainJobEvent) => void {
  return (event) => {
    if (event.kind === 'preparing') context.progress('preparing', event.progress.done, event.progress.total, 'images');
    if (event.kind === 'step') context.progress('training', event.step, event.steps, 'steps', event.secondsLeft);
    if (event.kind === 'prepared') {
      for (const { name, detail } of event.problems.slice(0, shownProblems)) context.problem(`${name}: ${detail}`);
      const more = event.problems.length - shownProblems;
      if (more > 0) context.problem(`${more} more pictures with remarks; triangle datasets --check lists them all.`);
    }
  };
}

/** What is known of how the run was made. */
export async function factsOf(
  run: RunFolder,
  context: CellContext,
  measured: { readonly testImages: number; readonly measuringSeconds: number },
): Promise<CellFacts> {
  const { manifest } = run;
  const { training, dataset } = manifest;
  let seconds = 0;
  for (const { imagesPerSecond } of await run.readMetrics()) {
    // From the log, so that the parts of an interrupted training add up.
    if (typeof imagesPerSecond === 'number' && imagesPerSecond > 0) seconds += training.batch / imagesPerSecond;
  }
  const perEpoch = Math.max(1, Math.floor(dataset.counts.train / training.batch));
  return {
    epochs: Math.ceil(training.steps / perEpoch),
    steps: training.steps,
    trainImages: dataset.counts.train,
    testImages: measured.testImages,
    trainingSeconds: seconds,
    measuringSeconds: measured.measuringSeconds,
    device: `${manifest.device.name}: ${manifest.device.description}`,
    weights: training.averaging > 0 ? 'average' : 'last',
    finished: new Date().toISOString(),
    versions: versions(),
    preset: context.settings.preset,
    nets: manifest.nets,
    options: manifest.objective.options,
    training,
  };
}
