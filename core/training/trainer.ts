/**
 * The loop: batches and noise in, steps on a device, metrics, checkpoints and pictures out. Ignorant of which objective it runs.
 * A resumed run continues bit for bit: all that a step depends on is in the checkpoint (see `session.ts`).
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Device } from '../backends/types.ts';
import type { DatasetSplit, PreparedDataset } from '../datasets/types.ts';
import { CoreError, messageOf } from '../errors.ts';
import type { Networks } from '../nets/types.ts';
import type { RunFolder } from '../runs/run-folder.ts';
import type { TrainingControl } from './control.ts';
import { CollapseWatch } from './diversity.ts';
import { TrainingSession } from './session.ts';
import { withAverages } from './tensors.ts';
import type { PictureGrid, StepMetrics, TrainEvent, TrainRequest, TrainResult } from './types.ts';

export interface TrainHost {
  readonly device: Device;
  /** Open for writing; stays open. */
  readonly run: RunFolder;
  readonly dataset: PreparedDataset;
  readonly split: DatasetSplit;
  /** Aborting it stops the run at the next step; it is saved and can be resumed. */
  readonly signal?: AbortSignal;
  readonly control?: TrainingControl;
  readonly onEvent?: (event: TrainEvent) => void;
  /** Encodes a grid as PNG. Without it no pictures are written. */
  readonly writeGrid?: (grid: PictureGrid) => Promise<Uint8Array>;
  /**
   * Metrics of the networks as they are now (higher is better): the moving average of the weights where one is kept. Must change
   * no variable.
   */
  readonly validate?: (step: number, networks: Networks) => Promise<Readonly<Record<string, number>>>;
}

/**
 * Trains until the last step, a stop or a failure. Throws `training/diverged` (the last good checkpoint is kept), `training/checkpoint`
 * and what datasets, run folder and device throw; the run's manifest then says `failed` and why.
 */
export async function train(request: TrainRequest, host: TrainHost): Promise<TrainResult> {
  const tell = host.onEvent ?? (() => undefined);
  const session = new TrainingSession(request, host);
  try {
    if (request.resume) await session.resume();
    await host.run.updateManifest({ state: 'running', message: null, step: session.step, training: request.training });
    const result = await loop(request, host, session, tell);
    await host.run.updateManifest({ state: result.state, step: result.step });
    tell({ kind: result.state, step: result.step });
    return result;
  } catch (error) {
    const message = messageOf(error);
    const code = error instanceof CoreError ? error.code : 'training/failed';
    // The first error is the one to be heard of, also where the disk is full.
    await host.run.updateManifest({ state: 'failed', message }).catch(() => undefined);
    tell({ kind: 'failed', step: session.step, code, message });
    throw error;
  } finally {
    session.dispose();
  }
}

async function loop(
  request: TrainRequest,
  host: TrainHost,
  session: TrainingSession,
  tell: (event: TrainEvent) => void,
): Promise<TrainResult> {
  const { output, training } = request;
  const began = performance.now();
  let savedAt = performance.now();
  let savedStep = session.step;
  let metrics: StepMetrics | null = null;
  const watch = new CollapseWatch(training.steps);
  const stopping = () => host.signal?.aborted === true || host.control?.stopped === true;
  const save = async () => {
    savedAt = performance.now();
    savedStep = session.step;
    await session.save();
    await host.run.prune(output.keepCheckpoints);
    await host.run.updateManifest({ step: session.step });
    tell({ kind: 'checkpoint', step: session.step });
  };
  const due = (every: number) => every > 0 && session.step % every === 0;
  const checkpointDue = () =>
    (output.checkpointSteps > 0 && session.step - savedStep >= output.checkpointSteps) ||
    (output.checkpointSeconds > 0 && performance.now() - savedAt >= 1000 * output.checkpointSeconds);

  tell({ kind: 'started', step: session.step, steps: training.steps, stepsPerEpoch: session.stepsPerEpoch });
  while (session.step < training.steps && !stopping()) {
    if (host.control?.paused === true) {
      if (savedStep < session.step) await save();
      tell({ kind: 'paused', step: session.step });
      await host.control.whenRunning(host.signal);
      if (stopping()) break;
      tell({ kind: 'resumed', step: session.step });
    }
    metrics = await session.advance();
    const last = session.step === training.steps;
    const shows = due(output.sampleSteps) || (last && output.sampleSteps > 0);
    if (shows) metrics = { ...metrics, ...(await writePictures(host, session, tell)) };
    await host.run.appendMetrics(metrics);
    const warning = watch.check(metrics);
    if (warning !== null) {
      await host.run.updateManifest({ message: warning });
      tell({ kind: 'warning', step: session.step, message: warning });
    }
    const secondsLeft = session.clock.secondsFor(training.steps - session.step);
    tell({ kind: 'step', step: session.step, steps: training.steps, metrics, secondsLeft });
    if (due(output.validationSteps) || (last && output.validationSteps > 0)) {
      if (await validate(request, host, session, tell, save)) savedStep = session.step;
    }
    if (checkpointDue() && savedStep < session.step) await save();
    // Devices may compute without giving the event loop a turn: signals and messages get theirs here.
    await nextTurn();
  }
  if (savedStep < session.step || session.step === 0) await save();
  return {
    state: session.step >= training.steps ? 'finished' : 'stopped',
    step: session.step,
    seconds: (performance.now() - began) / 1000,
    metrics,
  };
}

/** Writes both grids of the averaged weights, if the host can encode them; returns the diversity of the samples. */
async function writePictures(
  host: TrainHost,
  session: TrainingSession,
  tell: (event: TrainEvent) => void,
): Promise<{ diversity?: number }> {
  const write = async (content: 'samples' | 'reconstructions', grid: PictureGrid | null): Promise<void> => {
    if (host.writeGrid === undefined || grid === null) return;
    const file = await host.run.writeSample(content, session.step, await host.writeGrid(grid));
    tell({ kind: 'samples', step: session.step, content, file });
  };
  const samples = await withAverages(session.networks, session.saved, () => session.pictures.samples());
  await write('samples', samples?.grid ?? null);
  if (host.writeGrid !== undefined) {
    const { networks, saved, pictures } = session;
    await write('reconstructions', await withAverages(networks, saved, () => pictures.reconstructions()));
  }
  return samples === null || !Number.isFinite(samples.diversity) ? {} : { diversity: samples.diversity };
}

/** Runs the host's validation, if there is one; saves and marks the checkpoint where it is the best so far. Returns whether it saved. */
async function validate(
  { output }: TrainRequest,
  host: TrainHost,
  session: TrainingSession,
  tell: (event: TrainEvent) => void,
  save: () => Promise<void>,
): Promise<boolean> {
  const { step, networks } = session;
  const job = host.validate;
  if (job === undefined) return false;
  const metrics = await withAverages(networks, session.saved, () => job(step, networks));
  await host.run.appendValidation({ ...metrics, step });
  const value = metrics[output.bestBy] ?? NaN;
  const previous = await host.run.best();
  const best = Number.isFinite(value) && (previous === null || value > previous.metric.value);
  if (best) {
    await save();
    await host.run.markBest(step, { name: output.bestBy, value });
  }
  tell({ kind: 'validated', step, metrics, best });
  return best;
}
