/**
 * Scores pictures as a stream: results come in the order of the input as soon as they are there. Many pictures are shared out to
 * processes of their own (`scorers.ts`), few are scored here, where nothing has to start first (`stream-here.ts`). The results are the same.
 */
import type { StatisticsByScore } from './combination.ts';
import type { NeighbourBank } from './neighbours.ts';
import type { PictureList } from './pictures.ts';
import type { PlaceStatistics } from './place.ts';
import type { ScoreProgress } from './progress.ts';
import { scorersFor, scoreShared, type ScorerSettings } from './scorers.ts';
import { scoreHere } from './stream-here.ts';
import type { ScoreResult, ScoringModel } from './types.ts';

export type { ScoreProgress } from './progress.ts';

export interface ScoreOptions {
  readonly model: ScoringModel;
  readonly list: PictureList;
  /** Indices into `list.items`; all by default. */
  readonly indices?: ArrayLike<number> | undefined;
  /** What is known of held-out normals; without it there is none of the calibrated scores. */
  readonly normals?: Normals | undefined;
  /** Also make {@link PictureMaps}. */
  readonly maps?: boolean | undefined;
  /** Model inputs (tiles) a batch. */
  readonly batchSize?: number | undefined;
  /** Pictures decoded ahead, at most. */
  readonly ahead?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: ScoreProgress) => void) | undefined;
  /** Processes that share the work; by default as many as there are threads, where the work is worth starting them. */
  readonly scorers?: Partial<ScorerSettings> | undefined;
}

/** The part of a calibration that scores are computed with. */
export interface Normals {
  readonly statistics: StatisticsByScore;
  /** Null where the model cannot reconstruct. */
  readonly places: PlaceStatistics | null;
  /** Inferred means; null likewise. */
  readonly neighbours: NeighbourBank | null;
  /** Likeness features; null where the model has none. */
  readonly featureNeighbours: NeighbourBank | null;
}

/**
 * Yields one result for each picture, in order. Throws `cancelled` when `signal` aborts, `scoring/process` when the same pictures end a
 * process twice; a bad picture is yielded as skipped.
 */
export async function* scoreImages(options: ScoreOptions): AsyncGenerator<ScoreResult> {
  const settings = scorersFor(options);
  if (settings === null || !(yield* scoreShared(options, settings))) yield* scoreHere(options);
}
