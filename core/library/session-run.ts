/** Scores pictures into a session's table: the same stream as `triangle score`, with rows kept instead of a CSV. */
import { appendFile, mkdir } from 'node:fs/promises';
import path from 'node:path';
import { CoreError, messageOf } from '../errors.ts';
import { writeJsonAtomic } from '../runs/atomic.ts';
import { RunFolder } from '../runs/run-folder.ts';
import { writeCalibration, type Calibration } from '../scoring/calibration.ts';
import { ensureCalibration } from '../scoring/held-out.ts';
import { joinPictures } from '../scoring/pictures.ts';
import { openInputs } from '../scoring/inputs.ts';
import { chooseScore } from '../scoring/score-job.ts';
import { scoreImages, type ScoreProgress } from '../scoring/stream.ts';
import { scoreNames, type ScoreName } from '../score-names.ts';
import type { Models } from './models.ts';
import { layoutLabels } from './session-labels.ts';
import { calibrationName, metaName, skippedName, type SessionMeta } from './session-meta.ts';
import { SessionTable } from './session-table.ts';

export interface SessionHooks {
  readonly signal: AbortSignal;
  /** Whenever the meta changed; it is on the disk already. */
  readonly onMeta: (meta: SessionMeta) => void;
  /** When the model is known: where rows will be. */
  readonly onTable: (table: SessionTable, calibration: Calibration) => void;
  readonly onProgress: (stage: 'calibrating' | 'scoring', progress: ScoreProgress) => void;
}

export interface SessionJob {
  readonly dir: string;
  readonly meta: SessionMeta;
  readonly wanted: ScoreName | undefined;
  readonly models: Models;
  readonly cacheDir: string;
}

const flushEveryMs = 500;

/** Resolves to the final meta. A cancelled session keeps its rows. Throws what opening run and inputs throws; the meta then says `failed`. */
export async function runSession(job: SessionJob, hooks: SessionHooks): Promise<SessionMeta> {
  const { dir } = job;
  let { meta } = job;
  const store = async (patch: Partial<SessionMeta>): Promise<void> => {
    meta = { ...meta, ...patch };
    await mkdir(dir, { recursive: true });
    await writeJsonAtomic(path.join(dir, metaName), meta);
    hooks.onMeta(meta);
  };
  try {
    await store({});
    const run = await RunFolder.open(meta.runDir);
    const sources = await openInputs(meta.inputs);
    try {
      await job.models.use(run, async ({ model, graphs }) => {
        const { signal } = hooks;
        const calibration = await ensureCalibration(run, model, {
          signal,
          cacheDir: job.cacheDir,
          onProgress: (progress) => hooks.onProgress('calibrating', progress),
        });
        await writeCalibration(path.join(dir, calibrationName), calibration);
        const given = scoreNames.filter((name) => calibration.scores[name] !== undefined);
        const labelOf = await layoutLabels(meta.inputs, run.manifest.dataset.excludeLabels);
        const list = joinPictures(sources);
        const table = new SessionTable(dir, given);
        const { step, fingerprint } = model.description;
        await store({
          scoreNames: given,
          score: chooseScore(model, calibration, job.wanted),
          model: { graphs, step, fingerprint },
          total: list.items.length,
        });
        hooks.onTable(table, calibration);
        const skip = async (name: string, detail: string): Promise<void> => {
          meta = { ...meta, skipped: meta.skipped + 1 };
          await appendFile(path.join(dir, skippedName), `${JSON.stringify({ name, detail })}\n`);
        };
        for (const problem of sources.flatMap((source) => source.problems)) {
          if (problem.kind !== 'duplicate') await skip(problem.name, problem.detail);
        }
        let flushed = Date.now();
        const onProgress = (progress: ScoreProgress): void => hooks.onProgress('scoring', progress);
        try {
          for await (const result of scoreImages({ model, list, normals: calibration, signal, onProgress })) {
            if (result.kind === 'skipped') await skip(result.name, result.problem.detail);
            else {
              const { name, index, scores, rmse, tiles } = result;
              table.add({ name, source: index, scores, rmse, tiles, label: labelOf(name) });
            }
            if (Date.now() - flushed < flushEveryMs) continue;
            await table.flush();
            flushed = Date.now();
          }
        } finally {
          await table.flush();
        }
      });
    } finally {
      for (const source of sources) await source.close();
    }
    await store({ state: 'finished' });
  } catch (error) {
    const cancelled = error instanceof CoreError && error.code === 'cancelled';
    await store({ state: cancelled ? 'cancelled' : 'failed', message: cancelled ? null : messageOf(error) });
    throw error;
  }
  return meta;
}
