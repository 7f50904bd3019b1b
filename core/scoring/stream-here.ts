/**
 * The stream of scores, made by this process: decoding runs ahead of computing, tiles of several pictures share batches. Memory is
 * bounded by the pictures under way, whatever their number.
 */
import { toModelInput } from '../datasets/batches.ts';
import { throwIfCancelled } from '../errors.ts';
import { featuresOf } from '../nets/geometry.ts';
import type { ScoreName } from '../score-names.ts';
import { defaultBatchSize, gatherEvidence, needsOf, residualMap, scoreBatch, scoresOfModel } from './batches.ts';
import { combine } from './combination.ts';
import { decodePictures, type PreparedPicture } from './pictures.ts';
import { hasLikeness } from './likeness.ts';
import { neighbourScore } from './neighbours.ts';
import { addTile, emptyCells, placeMap, placeScore, type PlaceStatistics } from './place.ts';
import { progressOf } from './progress.ts';
import { pixelResiduals, squaredResiduals } from './residuals.ts';
import type { ScoreOptions } from './stream.ts';
import { assembleTiles, blendTiles, smooth, topMean } from './tiles.ts';
import type { PictureMaps, ScoredImage, ScoreResult, ScoringModel, SkippedImage } from './types.ts';

/** A picture whose tiles are on their way through the batches. */
interface Pending {
  readonly picture: PreparedPicture;
  readonly tiles: number;
  /** Values of each tile by score. */
  readonly values: Map<ScoreName, number[]>;
  residuals: number;
  /** See `place.ts`; null when the model cannot reconstruct. */
  readonly cells: number[] | null;
  /** Inferred means [tiles, latent]; null likewise. */
  readonly latents: Float32Array | null;
  /** Likeness features [tiles, n]; null where the model has none. */
  readonly features: Float32Array | null;
  /** [tiles, size, size]; null when no maps are wanted or the model cannot reconstruct. */
  readonly residualMaps: Float32Array | null;
  finished: number;
}

const nothing = new Float32Array(0);

/** Standard deviation in pixels of the smoothing of residual maps. */
function smoothing(size: number): number {
  return Math.max(1, size / 32);
}

/** What {@link ScoreOptions} ask for, one result for each picture, in order. Throws and skips as `scoreImages` does. */
export async function* scoreHere(options: ScoreOptions): AsyncGenerator<ScoreResult> {
  const { model, list, indices } = options;
  const { spec, preparation } = model.description;
  const imageLength = spec.size * spec.size * spec.channels;
  const batchSize = options.batchSize ?? defaultBatchSize(spec.size);
  const ahead = options.ahead ?? (preparation.tiles === null ? 2 * batchSize : 8);
  const batch = new Float32Array(batchSize * imageLength);
  const slots: { pending: Pending; tile: number }[] = [];
  const waiting: (Pending | SkippedImage)[] = [];
  const definitions = scoresOfModel(model);
  // What is not there is not looked at, and reads as a number that is none.
  const needs = { ...needsOf(definitions), energy: true, energyOfReconstructions: true };
  const width = hasLikeness(model.description) ? featuresOf(spec) : 0;
  const progress = progressOf(options.onProgress, indices?.length ?? list.items.length);

  const flush = async (): Promise<void> => {
    throwIfCancelled(options.signal);
    if (slots.length === 0) return;
    batch.fill(0, slots.length * imageLength);
    const evidence = await gatherEvidence(model, batch, slots.length, batchSize, needs);
    const scores = scoreBatch(model, evidence, definitions);
    const residuals = model.reconstructs ? squaredResiduals(evidence) : [];
    const area = spec.size * spec.size;
    slots.forEach(({ pending, tile }, i) => {
      for (const [name, values] of scores) valuesOf(pending, name)[tile] = values[i] ?? Number.NaN;
      pending.residuals += residuals[i] ?? Number.NaN;
      if (pending.cells !== null) {
        const { layout } = pending.picture;
        addTile(pending.cells, pixelResiduals(evidence).subarray(i * area, (i + 1) * area), { ...spec, layout, tile });
      }
      const { mean } = evidence.posterior;
      pending.latents?.set(mean.subarray(i * spec.latent, (i + 1) * spec.latent), tile * spec.latent);
      const { features } = evidence.energy?.ofImages ?? { features: nothing };
      pending.features?.set(features.subarray(i * width, (i + 1) * width), tile * width);
      if (pending.residualMaps !== null) residualMap(evidence, i, pending.residualMaps, tile * area);
      pending.finished++;
    });
    slots.length = 0;
  };

  function* ready(): Generator<ScoreResult> {
    for (let first = waiting[0]; first !== undefined; first = waiting[0]) {
      if ('picture' in first && first.finished < first.tiles) return;
      waiting.shift();
      const result = 'picture' in first ? finish(first, options) : first;
      progress(result);
      yield result;
    }
  }

  for await (const picture of decodePictures({ list, preparation, ahead, indices, signal: options.signal })) {
    throwIfCancelled(options.signal);
    if (picture.kind === 'skipped') {
      waiting.push(picture);
    } else {
      const tiles = picture.tiles.length;
      const mapped = options.maps === true && model.reconstructs;
      const residualMaps = mapped ? new Float32Array(tiles * spec.size * spec.size) : null;
      const cells = model.reconstructs ? emptyCells(spec.size) : null;
      const latents = model.reconstructs ? new Float32Array(tiles * spec.latent) : null;
      const features = width > 0 ? new Float32Array(tiles * width) : null;
      const values = new Map<ScoreName, number[]>();
      const pending = { picture, tiles, values, residuals: 0, cells, latents, features, residualMaps, finished: 0 };
      waiting.push(pending);
      for (const [tile, pixels] of picture.tiles.entries()) {
        toModelInput(pixels, batch.subarray(slots.length * imageLength, (slots.length + 1) * imageLength));
        slots.push({ pending, tile });
        if (slots.length === batchSize) await flush();
      }
    }
    yield* ready();
  }
  await flush();
  yield* ready();
}

function valuesOf(pending: Pending, name: ScoreName): number[] {
  let values = pending.values.get(name);
  if (values === undefined) {
    values = Array<number>(pending.tiles).fill(0);
    pending.values.set(name, values);
  }
  return values;
}

function finish(pending: Pending, { model, normals, maps }: ScoreOptions): ScoredImage {
  const { spec } = model.description;
  const { picture, tiles, cells, latents, features } = pending;
  const scores: Partial<Record<ScoreName, number>> = {};
  for (const [name, values] of pending.values) scores[name] = topMean(values);
  if (normals?.places && cells !== null) scores.place = placeScore(cells, normals.places);
  if (normals?.neighbours && latents !== null) scores.neighbours = neighbourScore(latents, normals.neighbours);
  if (normals?.featureNeighbours && features !== null)
    scores['feature-neighbours'] = neighbourScore(features, normals.featureNeighbours);
  if (normals !== undefined) scores.combined = combine(scores, normals.statistics);
  return {
    kind: 'scored',
    index: picture.index,
    name: picture.name,
    scores,
    rmse: Math.sqrt(pending.residuals / (tiles * spec.size * spec.size * spec.channels)),
    tiles,
    cells,
    latents,
    features,
    maps: maps === true ? mapsOf(pending, model, normals?.places ?? null) : null,
  };
}

function mapsOf(pending: Pending, model: ScoringModel, places: PlaceStatistics | null): PictureMaps {
  const { picture, tiles, values, cells, residualMaps } = pending;
  const { spec, preparation } = model.description;
  const { layout } = picture;
  const area = spec.size * spec.size;
  const energies = preparation.tiles === null ? undefined : values.get('energy');
  let energy: Float32Array | null = null;
  if (energies !== undefined) {
    const constant = new Float32Array(tiles * area);
    for (let tile = 0; tile < tiles; tile++) constant.fill(energies[tile] ?? 0, tile * area, (tile + 1) * area);
    energy = blendTiles(constant, layout, spec.size);
  }
  const squared = residualMaps && blendTiles(residualMaps, layout, spec.size);
  const residual =
    squared && smooth(squared, layout.width, layout.height, smoothing(spec.size)).map((value) => Math.sqrt(value));
  return {
    width: layout.width,
    height: layout.height,
    residual,
    place: residual && cells && places && placeMap(residual, layout.width, layout.height, cells, places),
    energy,
    pixels: assembleTiles(picture.tiles, layout, spec.size, spec.channels),
    channels: spec.channels,
  };
}
