/** A session's scores as files for others: the same CSV, sidecar, heatmaps and report as `triangle score` writes. */
import path from 'node:path';
import { CoreError } from '../errors.ts';
import { writeJsonAtomic } from '../runs/atomic.ts';
import { RunFolder } from '../runs/run-folder.ts';
import type { Calibration } from '../scoring/calibration.ts';
import { openCsv } from '../scoring/csv.ts';
import { HeatmapFolder } from '../scoring/heatmap-files.ts';
import { joinPictures } from '../scoring/pictures.ts';
import { Top } from '../scoring/ranking.ts';
import { writeReport } from '../scoring/report/write.ts';
import { openInputs } from '../scoring/inputs.ts';
import { commonFolder, csvColumns, factsOf, rowOf } from '../scoring/score-job.ts';
import { mappedImages } from '../scoring/mapped.ts';
import type { ScoreProgress } from '../scoring/stream.ts';
import type { Threshold } from '../scoring/threshold.ts';
import type { ScoredImage } from '../scoring/types.ts';
import type { Models } from './models.ts';
import { readSkipped } from './session-meta.ts';
import type { LoadedSession } from './sessions.ts';

export interface SessionExport {
  readonly session: LoadedSession;
  readonly threshold: Threshold;
  readonly what: 'csv' | 'json' | 'heatmaps' | 'report';
  /** A file, or for heatmaps a folder. */
  readonly path: string;
  /** Row numbers; all by default, in the order of the input. */
  readonly rows?: readonly number[] | undefined;
  readonly models: Models;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: ScoreProgress) => void;
}

const shownAnomalous = 200;
const shownTypical = 12;

/** Returns the files (or the folder) that were written. Throws `scoring/write`, `cancelled`, and what models and sources throw. */
export async function exportSession(job: SessionExport): Promise<string[]> {
  const { calibration, table } = job.session;
  if (calibration === null) {
    throw new CoreError('library/nothing-scored', 'Nothing was scored yet. Wait for the first results, then export.');
  }
  const rows = job.rows ?? Array.from({ length: table.count }, (_, row) => row);
  switch (job.what) {
    case 'csv':
      return writeCsv(job, calibration, rows);
    case 'json':
      return writeJson(job, calibration, rows);
    case 'heatmaps':
    case 'report':
      return withPictures(job, calibration, rows);
  }
}

function imageOf({ table }: LoadedSession, row: number): ScoredImage {
  return {
    kind: 'scored',
    index: table.source(row),
    name: table.names[row] ?? '',
    scores: table.scores(row),
    rmse: table.rmse(row),
    tiles: table.tiles(row),
    cells: null,
    latents: null,
    features: null,
    maps: null,
  };
}

async function writeCsv(job: SessionExport, calibration: Calibration, rows: readonly number[]): Promise<string[]> {
  const { session, threshold } = job;
  const labelled = session.table.labelCounts();
  // A person's labels only where there are any: without them the file is the command line's, byte for byte.
  const withLabels = labelled.normal + labelled.anomalous > 0;
  const columns = csvColumns(calibration);
  const csv = await openCsv(job.path, withLabels ? [...columns, 'label'] : columns);
  try {
    for (const row of rows) {
      const values = rowOf(imageOf(session, row), session.meta.score, threshold);
      const label = session.table.label(row);
      const extra = withLabels ? [label === 0 ? null : label - 1] : [];
      await csv.row([...columns.map((column) => values[column] ?? null), ...extra]);
    }
    await csv.finish();
  } catch (error) {
    await csv.abandon();
    throw error;
  }
  return [job.path];
}

async function writeJson(job: SessionExport, calibration: Calibration, rows: readonly number[]): Promise<string[]> {
  const { session, threshold } = job;
  const { meta, table } = session;
  const words = [null, 'normal', 'anomalous'] as const;
  await writeJsonAtomic(job.path, {
    formatVersion: 1,
    created: new Date().toISOString(),
    run: { name: meta.runName, ...meta.model },
    calibrated: { images: calibration.count, statistics: calibration.statistics },
    score: meta.score,
    threshold,
    images: rows.map((row) => ({
      ...rowOf(imageOf(session, row), meta.score, threshold),
      label: words[table.label(row)],
    })),
    skipped: await readSkipped(session.dir),
  });
  return [job.path];
}

async function withPictures(job: SessionExport, calibration: Calibration, rows: readonly number[]): Promise<string[]> {
  const { session, models, signal, onProgress, threshold } = job;
  const { meta, table } = session;
  if (meta.model === null) throw new CoreError('library/nothing-scored', 'The model of these scores is not known.');
  const sources = await openInputs(meta.inputs);
  const list = joinPictures(sources);
  const folder = commonFolder(table.names);
  try {
    return await models.useMade({ runDir: meta.runDir, ...meta.model }, async ({ model }) => {
      if (job.what === 'heatmaps') {
        const files = await HeatmapFolder.open({ dir: job.path, overlay: false }, calibration);
        const indices = rows.map((row) => table.source(row));
        for await (const { name, maps } of mappedImages({ model, list, indices, calibration, signal, onProgress })) {
          await files.write(name.slice(folder.length), maps);
        }
        return [job.path];
      }
      const most = new Top<ScoredImage>(shownAnomalous);
      const least = new Top<ScoredImage>(shownTypical);
      for (const row of rows) {
        const value = table.score(row, meta.score);
        most.add(value, imageOf(session, row));
        least.add(-value, imageOf(session, row));
      }
      const skipped = (await readSkipped(session.dir)).map(({ name, detail }) => ({
        kind: 'skipped' as const,
        index: -1,
        name,
        problem: { name, kind: 'unreadable' as const, detail },
      }));
      const run = await RunFolder.open(meta.runDir);
      await writeReport({
        file: job.path,
        model,
        calibration,
        list,
        score: meta.score,
        threshold,
        values: rows.map((row) => table.score(row, meta.score)),
        most: most.items(),
        least: least.items(),
        skipped: skipped.slice(0, 1000),
        skippedCount: skipped.length,
        facts: factsOf({ run }, model, calibration),
        title: `Scores of ${path.basename(meta.title)}`,
        folder,
        signal,
        onProgress,
      });
      return [job.path];
    });
  } finally {
    for (const source of sources) await source.close();
  }
}
