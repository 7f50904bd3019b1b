/** Fetches the pictures of a report, which are scored again with their maps, and writes the page. */
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { ScoreName } from '../../score-names.ts';
import { writeFileAtomic } from '../../runs/atomic.ts';
import type { Calibration } from '../calibration.ts';
import type { PictureList } from '../pictures.ts';
import { mappedImages } from '../mapped.ts';
import type { ScoreProgress } from '../stream.ts';
import type { Threshold } from '../threshold.ts';
import type { ScoredImage, ScoringModel, SkippedImage } from '../types.ts';
import { cardPictures } from './pictures.ts';
import { renderReport, type ReportCard } from './report.ts';
import { summaryOf } from './summaries.ts';

export interface WriteReportRequest {
  readonly file: string;
  readonly model: ScoringModel;
  readonly calibration: Calibration;
  readonly list: PictureList;
  readonly score: ScoreName;
  readonly threshold: Threshold;
  /** The chosen score of every image. */
  readonly values: readonly number[];
  /** Most anomalous first; least anomalous first. */
  readonly most: readonly ScoredImage[];
  readonly least: readonly ScoredImage[];
  readonly skipped: readonly SkippedImage[];
  readonly skippedCount: number;
  readonly facts: readonly (readonly [label: string, value: string])[];
  readonly title: string;
  /** Common beginning of all names, left out of the page. */
  readonly folder: string;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: ScoreProgress) => void) | undefined;
}

/** Memory: the maps of one batch and the cards' small pictures, however many images were scored. */
export async function writeReport(request: WriteReportRequest): Promise<void> {
  const { model, list, calibration, score, threshold, values, signal, onProgress } = request;
  const shown = new Set(request.most.map(({ index }) => index));
  const typical = request.least.filter(({ index }) => !shown.has(index));
  const wanted = [...request.most, ...typical];
  const cards = new Map<number, ReportCard>();
  const indices = wanted.map(({ index }) => index);
  for await (const result of mappedImages({ model, list, indices, calibration, signal, onProgress })) {
    const { index, name, scores, rmse, tiles, maps } = result;
    const image = { name: name.slice(request.folder.length), scores, rmse, tiles };
    cards.set(index, { image, ...(await cardPictures(maps, calibration.maps.residual)) });
  }
  const cardsOf = (images: readonly ScoredImage[]): ReportCard[] =>
    images.map(({ index }) => cards.get(index)).filter((card) => card !== undefined);
  const page = renderReport({
    title: request.title,
    facts: request.facts,
    score,
    summary: summaryOf(score),
    threshold,
    heldOut: calibration.scores[score] ?? [],
    scored: values,
    scale: calibration.maps.residual,
    anomalous: cardsOf(request.most),
    typical: cardsOf(typical),
    skipped: request.skipped,
    skippedCount: request.skippedCount,
  });
  await mkdir(path.dirname(path.resolve(request.file)), { recursive: true });
  await writeFileAtomic(request.file, page);
}
