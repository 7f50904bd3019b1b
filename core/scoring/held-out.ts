/** The held-out normal images of a run, found again in its data, and the calibration that they give. */
import { openSource } from '../datasets/open.ts';
import { prepareDataset } from '../datasets/prepared.ts';
import { splitDataset } from '../datasets/split.ts';
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
  const { dataset, preparation, split } = manifest;
  const source = await openSource(dataset.source, options.cacheDir === undefined ? {} : { cacheDir: options.cacheDir });
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
      const { train, heldOut } = splitDataset(prepared, { ...split, excludeLabels: dataset.excludeLabels });
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

function thinned(indices: readonly number[]): number[] {
  const step = Math.max(1, indices.length / mostImages);
  return Array.from({ length: Math.min(indices.length, mostImages) }, (_, i) => indices[Math.floor(i * step)] ?? 0);
}

/** Scores the run's held-out normals and stores the result in `scores/held-out.json`. */
export async function calibrateRun(
  run: RunFolder,
  model: ScoringModel,
  options: HeldOutOptions = {},
): Promise<Calibration> {
  const { source, heldOut } = await openRunData(run.manifest, options);
  try {
    const { signal, onProgress } = options;
    const calibration = await calibrate({ model, list: source, indices: thinned(heldOut), signal, onProgress });
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
export function calibrationSummary({
  fingerprint,
  step,
  count,
  tilesAveraged,
  statistics,
  maps,
}: Calibration): Record<string, unknown> {
  return { fingerprint, step, count, tilesAveraged, statistics, maps, file: 'scores/held-out.json' };
}
