/** The held-out normal images of a run, found again in its data, and the calibration that they give. */
import { openSource } from '../datasets/open.ts';
import { prepareDataset } from '../datasets/prepared.ts';
import { splitForRun } from '../datasets/run-split.ts';
import { withoutItems } from '../datasets/without.ts';
import type { ImageSource } from '../datasets/types.ts';
import { CoreError } from '../errors.ts';
import type { RunFolder } from '../runs/run-folder.ts';
import type { RunManifest } from '../runs/manifest.ts';
import { calibrate, readCalibration, writeCalibration, type Calibration } from './calibration.ts';
import type { ScoreProgress } from './stream.ts';
import type { ScoringModel } from './types.ts';

export interface HeldOutOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: ScoreProgress) => void) | undefined;
  /** Where prepared datasets are cached; the user's cache folder by default. */
  readonly cacheDir?: string | undefined;
}

/** More held-out images than this move no quantile that anybody asks for. */
const mostImages = 10_000;
const mostTrained = 2000;
/** Training images that are compared with one by one. */
const mostCompared = 4000;

/** The run's data, opened again, and which of its pictures training saw and which it held out. */
export interface RunData {
  readonly source: ImageSource;
  /** Names of the pictures that were trained on. */
  readonly trained: ReadonlySet<string>;
  /** Names of the pictures that could be read and are no duplicates of training pictures. */
  readonly usable: ReadonlySet<string>;
  /** Indices into `source.items`. */
  readonly heldOut: readonly number[];
}

/**
 * Opens the data of a run and splits it as training did; the caller closes the source. Throws `scoring/data-changed` when the data is
 * no longer what the run was trained on: held-out images can then not be told from trained ones.
 */
export async function openRunData(manifest: RunManifest, options: HeldOutOptions = {}): Promise<RunData> {
  const { dataset, preparation } = manifest;
  const whole = await openSource(dataset.source, options.cacheDir === undefined ? {} : { cacheDir: options.cacheDir });
  const source = withoutItems(whole, dataset.excludeFiles ?? []);
  try {
    const prepared = await prepareDataset(source, preparation, {
      ...(options.cacheDir === undefined ? {} : { cacheDir: options.cacheDir }),
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
    try {
      if (prepared.fingerprint !== dataset.fingerprint) {
        const text = `The data in ${dataset.source} is not what the run was trained on: files were added, removed or changed.`;
        throw new CoreError('scoring/data-changed', `${text} Restore it, or train again on the data as it is now.`);
      }
      const { items, itemOf } = prepared;
      const { train, heldOut } = splitForRun(prepared, manifest.split, dataset.excludeLabels);
      const namesOf = (inputs: Int32Array): Set<string> =>
        new Set(Array.from(inputs, (input) => items[itemOf[input] ?? 0]?.name ?? ''));
      const kept = namesOf(heldOut);
      const indices = source.items.flatMap(({ name }, index) => (kept.has(name) ? [index] : []));
      return { source, trained: namesOf(train), usable: new Set(items.map(({ name }) => name)), heldOut: indices };
    } finally {
      prepared.close();
    }
  } catch (error) {
    await source.close();
    throw error;
  }
}

/** An even choice of at most `most` entries. */
function thinned(indices: readonly number[], most: number): number[] {
  const step = Math.max(1, indices.length / most);
  return Array.from({ length: Math.min(indices.length, most) }, (_, i) => indices[Math.floor(i * step)] ?? 0);
}

/**
 * Scores the run's held-out normals and stores the result in `scores/held-out.json`. Where none were held out (protocol P1, a handful
 * of pictures) training images take their place, and the calibration says so: never test images.
 */
export async function calibrateRun(
  run: RunFolder,
  model: ScoringModel,
  options: HeldOutOptions = {},
): Promise<Calibration> {
  const { source, heldOut, trained } = await openRunData(run.manifest, options);
  try {
    const { signal, onProgress } = options;
    const onTraining = heldOut.length === 0;
    const trainedIndices = thinned(
      source.items.flatMap(({ name }, index) => (trained.has(name) ? [index] : [])),
      onTraining ? mostTrained : mostCompared,
    );
    const calibration = await calibrate({
      model,
      list: source,
      ...(onTraining
        ? { indices: trainedIndices }
        : { indices: thinned(heldOut, mostImages), trained: trainedIndices }),
      onTraining,
      signal,
      onProgress,
    });
    await writeCalibration(await run.scoresPath('held-out.json'), calibration);
    return calibration;
  } finally {
    await source.close();
  }
}

/** The stored calibration of exactly this model, or a fresh one. */
export async function ensureCalibration(
  run: RunFolder,
  model: ScoringModel,
  options: HeldOutOptions = {},
): Promise<Calibration> {
  const stored = await readCalibration(await run.scoresPath('held-out.json'), model);
  return stored ?? calibrateRun(run, model, options);
}

/** What the manifest keeps of a calibration. */
export function calibrationSummary(calibration: Calibration): Record<string, unknown> {
  const { fingerprint, step, count, onTraining, statistics, maps } = calibration;
  const file = 'scores/held-out.json';
  return { fingerprint, step, count, onTraining, tilesAveraged: calibration.tilesAveraged, statistics, maps, file };
}
