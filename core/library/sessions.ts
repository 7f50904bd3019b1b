/** Scoring sessions: started, streamed, kept, labelled, thrown away. */
import { mkdir, readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { CoreError } from '../errors.ts';
import type { ScoreName } from '../score-names.ts';
import { writeJsonAtomic } from '../runs/atomic.ts';
import { readCalibration, type Calibration } from '../scoring/calibration.ts';
import { colourTable } from '../scoring/colours.ts';
import { defaultScore } from '../scoring/default-score.ts';
import { summaryOf } from '../scoring/report/summaries.ts';
import type { ScoreProgress } from '../scoring/stream.ts';
import type { Threshold } from '../scoring/threshold.ts';
import { randomId, type LibraryFolders } from './folders.ts';
import type { Models } from './models.ts';
import type { RunShelf } from './runs.ts';
import {
  calibrationName,
  metaName,
  readMeta,
  readSkipped,
  type SessionMeta,
  type SessionRule,
} from './session-meta.ts';
import { runSession } from './session-run.ts';
import { countAbove, SessionTable } from './session-table.ts';
import {
  chooseRows,
  labelWords,
  predictedOf,
  thresholdOf,
  type ResultFilter,
  type ResultSort,
} from './session-views.ts';
import type { Trash } from './trash.ts';

/** A session whose rows are in memory. */
export interface LoadedSession {
  readonly dir: string;
  readonly meta: SessionMeta;
  readonly table: SessionTable;
  /** Null until the model is calibrated. */
  readonly calibration: Calibration | null;
}

export interface StartRequest {
  readonly run: string;
  readonly inputs: readonly string[];
  readonly score?: ScoreName | undefined;
  readonly rule?: SessionRule | undefined;
  readonly title?: string | undefined;
}

/** What a list shows of a session; made again from the rows whenever it is missing. */
const cardName = 'card.json';
/** Sessions whose rows are kept in memory. */
const mostLoaded = 4;
/** While a best F1 is asked for and labels are missing, or nothing is known yet. */
const unknown: Threshold = { value: Infinity, kind: 'by-hand', explanation: 'There is no threshold yet.', weak: true };

export class SessionShelf {
  /** The last write of each session that was changed. */
  readonly #writing = new Map<string, Promise<void>>();
  readonly #folders: LibraryFolders;
  readonly #runs: RunShelf;
  readonly #models: Models;
  readonly #trash: Trash;
  readonly #loaded = new Map<string, LoadedSession>();
  readonly #running = new Set<string>();

  constructor(folders: LibraryFolders, shelves: { runs: RunShelf; models: Models; trash: Trash }) {
    this.#folders = folders;
    this.#runs = shelves.runs;
    this.#models = shelves.models;
    this.#trash = shelves.trash;
  }

  /** Makes the session; `go` scores. Throws `library/unknown-run`. */
  async prepare(request: StartRequest): Promise<{ id: string; go: (hooks: RunHooks) => Promise<SessionMeta> }> {
    const run = await this.#runs.open(request.run);
    const id = randomId();
    const dir = this.#dir(id);
    const [first = ''] = request.inputs;
    const subject = first.startsWith('builtin:') ? first : path.basename(path.resolve(first));
    const meta: SessionMeta = {
      formatVersion: 1,
      id,
      run: request.run,
      runDir: run.dir,
      runName: await this.#runs.nameOf(request.run),
      created: new Date().toISOString(),
      title: request.title ?? (request.inputs.length === 1 ? subject : `${request.inputs.length} inputs`),
      inputs: request.inputs.map((input) => (input.startsWith('builtin:') ? input : path.resolve(input))),
      state: 'running',
      message: null,
      total: 0,
      skipped: 0,
      scoreNames: [],
      score: request.score ?? defaultScore(run.manifest.objective.name),
      rule: request.rule ?? { kind: 'false-alarms', rate: 0.01 },
      model: null,
    };
    this.#running.add(id);
    await mkdir(dir, { recursive: true });
    await writeJsonAtomic(path.join(dir, metaName), meta);
    this.#keep({ dir, meta, table: new SessionTable(dir, []), calibration: null });
    return { id, go: (hooks) => this.#go(dir, meta, request.score, hooks) };
  }

  async #go(dir: string, meta: SessionMeta, wanted: ScoreName | undefined, hooks: RunHooks): Promise<SessionMeta> {
    const { id } = meta;
    const change = (patch: Partial<LoadedSession>): void => {
      const known = this.#loaded.get(id) ?? { dir, meta, table: new SessionTable(dir, []), calibration: null };
      this.#keep({ ...known, ...patch });
    };
    try {
      const job = { dir, meta, wanted, models: this.#models, cacheDir: this.#folders.cache };
      return await runSession(job, {
        signal: hooks.signal,
        onMeta: (changed) => {
          // Title, score and rule may have been changed while it runs: those of the person win.
          const known = this.#loaded.get(id)?.meta;
          const kept = known === undefined || known.model === null ? {} : pick(known);
          change({ meta: { ...changed, ...kept } });
          hooks.onChange?.();
        },
        onTable: (table, calibration) => {
          change({ table, calibration });
          hooks.onChange?.();
        },
        onProgress: (stage, progress) => hooks.onProgress?.(stage, progress),
      });
    } finally {
      this.#running.delete(id);
      const known = this.#loaded.get(id);
      if (known !== undefined) await writeJsonAtomic(path.join(dir, metaName), known.meta);
      await this.#saveCard(id);
    }
  }

  /** Newest first. */
  async list(run?: string) {
    const ids = await readdir(this.#folders.sessions).catch(() => []);
    const sessions = [];
    for (const id of ids) {
      if (!/^[0-9a-f]{16}$/.test(id)) continue;
      const meta = await readMeta(this.#dir(id));
      if (meta === null || (run !== undefined && meta.run !== run)) continue;
      sessions.push(await this.#knownCard(id));
    }
    return sessions.sort((a, b) => (a.created < b.created ? 1 : -1));
  }

  async card(id: string) {
    const session = await this.load(id);
    const { meta, table, calibration } = session;
    const threshold = this.threshold(session);
    const residual = calibration?.maps.residual;
    return {
      id,
      run: meta.run,
      runName: meta.runName,
      created: meta.created,
      title: meta.title,
      inputs: meta.inputs,
      state: meta.state,
      message: meta.message,
      total: Math.max(meta.total, table.count),
      scored: table.count,
      skipped: meta.skipped,
      scores: meta.scoreNames.map((name) => ({ name, summary: summaryOf(name) })),
      score: meta.score,
      rule: meta.rule,
      threshold: threshold === unknown ? null : threshold,
      anomalous: threshold === unknown ? 0 : countAbove(table.ascending(meta.score), threshold.value),
      labels: table.labelCounts(),
      heldOut: calibration === null ? null : { count: calibration.count, onTraining: calibration.onTraining },
      heatmap:
        residual === undefined || residual === null
          ? null
          : { residual, energy: calibration?.maps.energy ?? null, colours },
    };
  }

  /** Throws `library/unknown-session`. */
  async load(id: string): Promise<LoadedSession> {
    const known = this.#loaded.get(id);
    if (known !== undefined) {
      this.#keep(known);
      return known;
    }
    const dir = this.#dir(id);
    const meta = await readMeta(dir);
    if (meta === null) {
      throw new CoreError('library/unknown-session', 'These scores are not kept any more. Score the pictures again.');
    }
    // Left running by a process that died.
    const state = meta.state === 'running' ? 'cancelled' : meta.state;
    const table = await SessionTable.load(dir, meta.scoreNames);
    const { model } = meta;
    const calibration =
      model === null
        ? null
        : await readCalibration(path.join(dir, calibrationName), { description: { fingerprint: model.fingerprint } });
    const skipped = (await readSkipped(dir)).length;
    const session = { dir, meta: { ...meta, state, skipped } as SessionMeta, table, calibration };
    this.#keep(session);
    return session;
  }

  /** By the session's own rule. */
  threshold({ meta, table, calibration }: LoadedSession, rule: SessionRule = meta.rule): Threshold {
    if (calibration === null) return unknown;
    try {
      return thresholdOf(table, calibration, meta.score, rule);
    } catch (error) {
      if (error instanceof CoreError && error.code === 'scoring/no-labels' && rule === meta.rule) return unknown;
      throw error;
    }
  }

  async results(
    id: string,
    query: {
      score?: ScoreName | undefined;
      sort: ResultSort;
      filter?: ResultFilter | undefined;
      offset: number;
      limit: number;
    },
  ) {
    const session = await this.load(id);
    const score = query.score ?? session.meta.score;
    const threshold = this.threshold(session);
    const rows = chooseRows(session.table, score, threshold, query.sort, query.filter);
    const page = rows.subarray(query.offset, query.offset + query.limit);
    return { total: rows.length, rows: Array.from(page, (row) => this.row(session, row, score, threshold)) };
  }

  row(
    session: LoadedSession,
    row: number,
    score: ScoreName = session.meta.score,
    threshold: Threshold = this.threshold(session),
  ) {
    const { table, meta } = session;
    const value = table.score(row, score);
    return {
      index: row,
      name: table.names[row] ?? '',
      score: Number.isFinite(value) ? value : null,
      predicted: predictedOf(value, threshold),
      label: labelWords[table.label(row)],
      image: `/image/score/${meta.id}/${row}/original`,
    };
  }

  async change(id: string, patch: Partial<Pick<SessionMeta, 'title' | 'score' | 'rule'>>): Promise<void> {
    const session = await this.load(id);
    const meta = { ...session.meta, ...patch };
    if (patch.score !== undefined && !meta.scoreNames.includes(patch.score)) {
      throw new CoreError(
        'scoring/score',
        `This model gives no score "${patch.score}". Choose one of ${meta.scoreNames.join(', ')}.`,
      );
    }
    this.#keep({ ...session, meta });
    if (this.#running.has(id)) return;
    await this.#inTurn(id, async () => {
      await writeJsonAtomic(path.join(session.dir, metaName), (await this.load(id)).meta);
      await this.#saveCard(id);
    });
  }

  /** One write of a session after the other: two changes in quick succession must not end on the disk in the other order. */
  async #inTurn(id: string, write: () => Promise<void>): Promise<void> {
    const turn = (this.#writing.get(id) ?? Promise.resolve()).then(write);
    this.#writing.set(
      id,
      turn.catch(() => undefined),
    );
    await turn;
  }

  async label(id: string, rows: readonly number[], label: 'normal' | 'anomalous' | null) {
    const { table } = await this.load(id);
    const code = label === null ? 0 : label === 'normal' ? 1 : 2;
    for (const row of rows) table.setLabel(row, code);
    await table.saveLabels();
    await this.#saveCard(id);
    return table.labelCounts();
  }

  async discard(id: string): Promise<{ undo: string; what: string }> {
    const { meta, dir } = await this.load(id);
    if (this.#running.has(id)) {
      throw new CoreError('library/session-busy', 'These pictures are still being scored. Cancel that first.');
    }
    this.#loaded.delete(id);
    const name = `Scores "${meta.title}"`;
    return { undo: await this.#trash.discard({ kind: 'session', name, paths: [dir] }), what: `${name} deleted.` };
  }

  /** From the file beside the rows, so that a list does not load every session. */
  async #knownCard(id: string): Promise<SessionCard> {
    if (this.#loaded.has(id)) return this.card(id);
    try {
      return JSON.parse(await readFile(path.join(this.#dir(id), cardName), 'utf8')) as SessionCard;
    } catch {
      return this.card(id);
    }
  }

  async #saveCard(id: string): Promise<void> {
    await writeJsonAtomic(path.join(this.#dir(id), cardName), await this.card(id));
  }

  #dir(id: string): string {
    return path.join(this.#folders.sessions, id);
  }

  #keep(session: LoadedSession): void {
    const { id } = session.meta;
    this.#loaded.delete(id);
    this.#loaded.set(id, session);
    for (const key of this.#loaded.keys()) {
      if (this.#loaded.size <= mostLoaded) break;
      if (!this.#running.has(key)) this.#loaded.delete(key);
    }
  }
}

type SessionCard = Awaited<ReturnType<SessionShelf['card']>>;

export interface RunHooks {
  readonly signal: AbortSignal;
  readonly onChange?: () => void;
  readonly onProgress?: (stage: 'calibrating' | 'scoring', progress: ScoreProgress) => void;
}

function pick({ title, score, rule }: SessionMeta): Pick<SessionMeta, 'title' | 'score' | 'rule'> {
  return { title, score, rule };
}

/** Of the heatmaps, from low to high, for a colour bar. */
const colours = Array.from({ length: 9 }, (_, i) => {
  const entry = 3 * Math.round((255 * i) / 8);
  return `rgb(${[...colourTable.subarray(entry, entry + 3)].join(' ')})`;
});
