/**
 * What is known of the scores of held-out normal images: the scores themselves (for thresholds and histograms), their robust
 * statistics (for the combination) and the one fixed scale of the heatmaps. Computed once after training, kept in the run folder.
 */
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { CoreError } from '../errors.ts';
import { featuresOf } from '../nets/geometry.ts';
import type { ScoreName } from '../score-names.ts';
import { writeFileAtomic } from '../runs/atomic.ts';
import { combine, type StatisticsByScore } from './combination.ts';
import type { PictureList } from './pictures.ts';
import { hasLikeness } from './likeness.ts';
import {
  heldOutNeighbourScores,
  neighbourBank,
  neighbourScore,
  restoredBank,
  storedBank,
  type NeighbourBank,
} from './neighbours.ts';
import { heldOutPlaceScores, placeStatistics, type PlaceStatistics } from './place.ts';
import { quantileOfSorted, robustStatistics, sortedFinite } from './statistics.ts';
import { scoreImages, type ScoreOptions } from './stream.ts';
import { tilesAveraged } from './tiles.ts';
import type { PictureMaps, ScoringModel } from './types.ts';

/** Values of a map that are shown as 0 (dark) and 1 (brightest), the same for all pictures of a model. */
export interface MapScale {
  /** Median of the held-out normals' pixels. */
  readonly low: number;
  /** Their 99.9 % quantile. */
  readonly high: number;
}

export interface Calibration {
  /** Raised whenever scores or maps are computed differently: older ones are then made again. */
  readonly version: 5;
  /** Of the weights: a calibration belongs to exactly these. */
  readonly fingerprint: string;
  readonly step: number;
  /** See {@link tilesAveraged}. */
  readonly tilesAveraged: number;
  /** Number of held-out normal images. */
  readonly count: number;
  /** True where none were held out and training images took their place: thresholds from them are too low. */
  readonly onTraining: boolean;
  readonly names: readonly string[];
  /** Raw scores in the order of `names`, `combined` included. */
  readonly scores: Readonly<Partial<Record<ScoreName, readonly number[]>>>;
  readonly statistics: StatisticsByScore;
  /** What is normal at each place of a picture; null where the model cannot reconstruct. */
  readonly places: PlaceStatistics | null;
  /** Where normal images lie in the latent space; null likewise. */
  readonly neighbours: NeighbourBank | null;
  /** And among the likeness features; null where the model has none. */
  readonly featureNeighbours: NeighbourBank | null;
  /** Null where the model has no such maps. */
  readonly maps: { readonly residual: MapScale | null; readonly energy: MapScale | null };
}

/** Pixels that are looked at for the heatmaps' scale; more would not move a 99.9 % quantile. */
const pixelBudget = 2_000_000;

export interface CalibrationRequest extends Pick<
  ScoreOptions,
  'model' | 'signal' | 'onProgress' | 'batchSize' | 'ahead'
> {
  readonly list: PictureList;
  /** Held-out normal pictures, indices into `list.items`. */
  readonly indices: ArrayLike<number>;
  /** Pictures that were trained on, for what compares with many normal ones; with `onTraining` none are needed. */
  readonly trained?: ArrayLike<number> | undefined;
  /** Whether they were trained on instead. */
  readonly onTraining?: boolean;
}

/** Scores the held-out normals. Throws `scoring/no-normals` when none of them can be read. */
export async function calibrate(request: CalibrationRequest): Promise<Calibration> {
  const { model, indices } = request;
  const names: string[] = [];
  const columns = new Map<ScoreName, number[]>();
  const cells: (readonly number[])[] = [];
  const latents: Float32Array[] = [];
  const features: Float32Array[] = [];
  const residual = new PixelSample(Math.ceil(pixelBudget / Math.max(1, indices.length)));
  const energy = new PixelSample(Math.ceil(pixelBudget / Math.max(1, indices.length)));
  for await (const result of scoreImages({ ...request, normals: undefined, maps: true })) {
    if (result.kind === 'skipped') continue;
    names.push(result.name);
    for (const [name, value] of Object.entries(result.scores) as [ScoreName, number][]) {
      const column = columns.get(name);
      if (column === undefined) columns.set(name, [value]);
      else column.push(value);
    }
    if (result.cells !== null) cells.push(result.cells);
    if (result.latents !== null) latents.push(result.latents);
    if (result.features !== null) features.push(result.features);
    if (result.maps !== null) takePixels(result.maps, residual, energy);
  }
  if (names.length === 0) {
    throw new CoreError(
      'scoring/no-normals',
      'No held-out normal image could be read, so scores cannot be calibrated. Check that the training data still lies where it was, and that it has more than a few images.',
    );
  }
  const places = cells.length > 0 ? placeStatistics(cells) : null;
  if (places !== null) columns.set('place', heldOutPlaceScores(cells));
  const { latent } = model.description.spec;
  const neighbours = neighbourBank(latents, latent);
  if (neighbours !== null) columns.set('neighbours', heldOutNeighbourScores(latents, latent));
  const featureNeighbours = await featureBank(request, features, columns);
  const statistics: Partial<Record<ScoreName, ReturnType<typeof robustStatistics>>> = {};
  for (const [name, values] of columns) statistics[name] = robustStatistics(values);
  const combined = names.map((_, i) =>
    combine(Object.fromEntries([...columns].map(([name, values]) => [name, values[i]])), statistics),
  );
  return {
    version: 5,
    fingerprint: model.description.fingerprint,
    step: model.description.step,
    tilesAveraged,
    count: names.length,
    onTraining: request.onTraining === true,
    names,
    scores: { ...Object.fromEntries(columns), combined },
    statistics: { ...statistics, combined: robustStatistics(combined) },
    places,
    neighbours,
    featureNeighbours,
    maps: { residual: residual.empty ? null : residual.scale(), energy: energy.empty ? null : energy.scale() },
  };
}

/**
 * Likeness features compare a picture with as many normal ones as there are: with 500 of them digits were told apart far worse than with
 * 4,000. So pictures that were trained on make the bank, and the held-out ones are compared with those.
 */
async function featureBank(
  request: CalibrationRequest,
  heldOut: readonly Float32Array[],
  columns: Map<ScoreName, number[]>,
): Promise<NeighbourBank | null> {
  if (!hasLikeness(request.model.description) || heldOut.length === 0) return null;
  const trained: Float32Array[] = [];
  if (request.trained !== undefined && request.trained.length > 0) {
    const { model, list, trained: indices, signal, onProgress, batchSize, ahead } = request;
    for await (const result of scoreImages({ model, list, indices, signal, onProgress, batchSize, ahead })) {
      if (result.kind === 'scored' && result.features !== null) trained.push(result.features);
    }
  }
  const length = featuresOf(request.model.description.spec);
  const bank = neighbourBank(trained.length > 0 ? trained : heldOut, length);
  const scores =
    bank === null || trained.length === 0
      ? heldOutNeighbourScores(heldOut, length)
      : heldOut.map((features) => neighbourScore(features, bank));
  columns.set('feature-neighbours', scores);
  return bank;
}

function takePixels(maps: PictureMaps, residual: PixelSample, energy: PixelSample): void {
  if (maps.residual !== null) residual.take(maps.residual);
  if (maps.energy !== null) energy.take(maps.energy);
}

/** Pixels of many maps at an even stride, the same number of each, so that memory does not grow with the pictures' size. */
class PixelSample {
  readonly #perMap: number;
  readonly #values: number[] = [];

  constructor(perMap: number) {
    this.#perMap = perMap;
  }

  get empty(): boolean {
    return this.#values.length === 0;
  }

  take(map: Float32Array): void {
    const stride = Math.max(1, map.length / this.#perMap);
    for (let position = 0; position < map.length; position += stride) this.#values.push(map[Math.floor(position)] ?? 0);
  }

  scale(): MapScale {
    const sorted = sortedFinite(this.#values);
    const low = quantileOfSorted(sorted, 0.5);
    const high = quantileOfSorted(sorted, 0.999);
    return { low, high: high > low ? high : low + 1e-6 };
  }
}

// JSON has no NaN: a score that is not a number is stored as null.
const scores = z.record(
  z.string(),
  z.array(
    z
      .number()
      .nullable()
      .transform((value) => value ?? Number.NaN),
  ),
);
const scale = z.object({ low: z.number(), high: z.number() });
const bank = z
  .object({ shape: z.tuple([z.int().min(1), z.int().min(1)]), rows: z.string() })
  .transform((stored, context) => {
    const restored = restoredBank(stored);
    if (restored !== null) return restored;
    context.addIssue({ code: 'custom', message: 'bytes and shape differ' });
    return z.NEVER;
  });
const schema = z.looseObject({
  version: z.literal(5),
  fingerprint: z.string(),
  step: z.int(),
  tilesAveraged: z.int(),
  count: z.int().min(1),
  onTraining: z.boolean(),
  names: z.array(z.string()),
  scores,
  statistics: z.record(z.string(), z.object({ median: z.number(), spread: z.number().positive() })),
  places: z
    .object({ side: z.int(), centre: z.array(z.number()), spread: z.array(z.number().positive()), scale })
    .nullable(),
  neighbours: bank.nullable(),
  featureNeighbours: bank.nullable(),
  maps: z.object({ residual: scale.nullable(), energy: scale.nullable() }),
});

export async function writeCalibration(file: string, calibration: Calibration): Promise<void> {
  const { neighbours, featureNeighbours, ...rest } = calibration;
  const stored = {
    ...rest,
    neighbours: neighbours && storedBank(neighbours),
    featureNeighbours: featureNeighbours && storedBank(featureNeighbours),
  };
  await writeFileAtomic(file, `${JSON.stringify(stored)}\n`);
}

/** The stored calibration of exactly this model; null when there is none, when it is damaged, or when it is of other weights. */
export async function readCalibration(
  file: string,
  model: { readonly description: Pick<ScoringModel['description'], 'fingerprint'> },
): Promise<Calibration | null> {
  let value: unknown;
  try {
    value = JSON.parse(await readFile(file, 'utf8'));
  } catch {
    return null;
  }
  const parsed = schema.safeParse(value);
  if (!parsed.success) return null;
  const fits = parsed.data.fingerprint === model.description.fingerprint && parsed.data.tilesAveraged === tilesAveraged;
  return fits ? parsed.data : null;
}
