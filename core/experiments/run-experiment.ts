/** The loop over an experiment's cells: what is done stays done, what was begun is gone on with, the report is written after each cell. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { CoreError, messageOf } from '../errors.ts';
import { systemCode, writeFileAtomic, writeJsonAtomic } from '../runs/atomic.ts';
import { ExperimentFolder } from './folder.ts';
import { findExperiment } from './registry.ts';
import { reportHtml } from './report/html.ts';
import { reportMarkdown } from './report/markdown.ts';
import { resolveSettings, unionOf } from './settings.ts';
import { TimeLeft } from './time-left.ts';
import type {
  Cell,
  CellContext,
  CellResult,
  Experiment,
  ExperimentJob,
  ExperimentReport,
  ExperimentResult,
  ExperimentSettings,
} from './types.ts';

/** Failures that say something about one cell; any other would meet all the rest as well. */
const ofOneCell: ReadonlySet<string> = new Set([
  'training/diverged',
  'evaluation/not-a-number',
  'experiment/snapshots',
]);

/**
 * Runs an experiment, or goes on with one in the same folder. Throws what resolving settings and opening the folder throw, and whatever
 * would stop every cell (no such data, a full disk); a training that diverges is told in the report, the other cells go on.
 */
export async function runExperiment(job: ExperimentJob): Promise<ExperimentResult> {
  const experiment = findExperiment(job.experiment);
  const folder = new ExperimentFolder(job.out);
  // Wrong settings should not leave a new folder behind.
  resolveSettings(experiment, job, await folder.readSettings(), await folder.isBegun());
  const release = await folder.lock();
  try {
    const stored = await folder.readSettings();
    const settings = resolveSettings(experiment, job, stored, await folder.isBegun());
    await folder.writeSettings(unionOf(settings, stored));
    return await new Running(experiment, folder, settings, job).run();
  } finally {
    await release();
  }
}

class Running {
  readonly #experiment: Experiment;
  readonly #folder: ExperimentFolder;
  readonly #settings: ExperimentSettings;
  readonly #job: ExperimentJob;
  readonly #failures: string[] = [];
  #failed = 0;

  constructor(experiment: Experiment, folder: ExperimentFolder, settings: ExperimentSettings, job: ExperimentJob) {
    this.#experiment = experiment;
    this.#folder = folder;
    this.#settings = settings;
    this.#job = job;
  }

  async run(): Promise<ExperimentResult> {
    const { signal } = this.#job;
    const cells = this.#experiment.cells(this.#settings);
    const results = new Map<string, CellResult>();
    for (const { id } of cells) {
      const result = await this.#folder.readResult(id);
      if (result !== null) results.set(id, result);
    }
    this.#job.onEvent?.({
      kind: 'planned',
      settings: this.#settings,
      cells: cells.map((cell) => ({ cell, done: results.has(cell.id) })),
    });
    const time = new TimeLeft([...results.values()].map(({ facts }) => facts.trainingSeconds + facts.measuringSeconds));
    let stopped = false;
    for (const [index, cell] of cells.entries()) {
      if (results.has(cell.id)) continue;
      stopped = signal?.aborted === true;
      if (stopped) break;
      this.#job.onEvent?.({ kind: 'cell-started', cell, index, total: cells.length });
      time.begin(cells.slice(index + 1).filter(({ id }) => !results.has(id)).length);
      const result = await this.#runCell(cell, time);
      if (result === 'failed') continue;
      stopped = result === null;
      if (result === null) break;
      time.end();
      results.set(cell.id, result);
      await this.#folder.writeResult(result);
      this.#job.onEvent?.({ kind: 'cell-finished', cell, result });
      if (results.size < cells.length) await this.#report(cells, results);
    }
    const report = await this.#report(cells, results);
    return { state: stopped ? 'stopped' : this.#failed > 0 ? 'failed' : 'finished', dir: this.#folder.dir, report };
  }

  async #runCell(cell: Cell, time: TimeLeft): Promise<CellResult | 'failed' | null> {
    const { device, threads, cacheDir, signal, onEvent } = this.#job;
    const context: CellContext = {
      settings: this.#settings,
      dir: this.#folder.cellDir(cell.id),
      root: this.#folder.dir,
      device,
      threads,
      cacheDir,
      signal,
      progress(stage, done, total, unit, stageSecondsLeft = null) {
        const left = time.left(stage, done, total, stageSecondsLeft);
        onEvent?.({ kind: 'progress', cell, stage, done, total, unit, ...left });
      },
      problem: (message) => onEvent?.({ kind: 'problem', cell, message }),
    };
    try {
      const result = await this.#experiment.run(cell, context);
      return result === null ? null : { ...result, cell };
    } catch (error) {
      if (error instanceof CoreError && error.code === 'cancelled') return null;
      if (!(error instanceof CoreError) || !ofOneCell.has(error.code)) throw error;
      this.#failed++;
      this.#failures.push(`${cell.id} failed: ${messageOf(error)}`);
      onEvent?.({ kind: 'cell-failed', cell, code: error.code, message: error.message });
      return 'failed';
    }
  }

  async #report(cells: readonly Cell[], results: ReadonlyMap<string, CellResult>): Promise<ExperimentReport> {
    const { title, paper } = this.#experiment;
    const done = cells.map(({ id }) => results.get(id)).filter((result) => result !== undefined);
    const parts = await this.#experiment.report(done, this.#settings, this.#folder.dir);
    const report: ExperimentReport = {
      formatVersion: 1,
      settings: this.#settings,
      title,
      paper,
      state: done.length === cells.length ? 'finished' : 'unfinished',
      cells: { done: done.length, total: cells.length },
      tables: parts.tables,
      figures: parts.figures,
      results: done,
      notes: [...parts.notes, ...differingSettings(done), ...this.#failures],
    };
    const file = (ending: string): string => path.join(this.#folder.dir, `results.${ending}`);
    await writeJsonAtomic(file('json'), report);
    await writeFileAtomic(file('md'), reportMarkdown(report));
    await writeFileAtomic(file('html'), await reportHtml(report, this.#folder.dir));
    this.#job.onEvent?.({ kind: 'report', report });
    return report;
  }
}

/** A preset that changed between two parts of an experiment: its figures stand in one table all the same, so it must be said. */
function differingSettings(results: readonly CellResult[]): string[] {
  const byMethod = new Map<string, Set<string>>();
  for (const { cell, facts } of results) {
    const { nets, options, training } = facts;
    const made = JSON.stringify([nets, options, { ...training, seed: 0, steps: 0 }]);
    byMethod.set(cell.method, (byMethod.get(cell.method) ?? new Set()).add(made));
  }
  return [...byMethod]
    .filter(([, made]) => made.size > 1)
    .map(
      ([method, made]) => `Cells of ${method} were made with ${made.size} different settings: see how they were made.`,
    );
}

/** An experiment's folder as it is; null where `dir` holds none. Throws `experiment/folder` where it is damaged. */
export async function readExperiment(dir: string): Promise<StoredExperiment | null> {
  const folder = new ExperimentFolder(dir);
  const settings = await folder.readSettings();
  return settings === null ? null : { dir: folder.dir, settings, report: await readExperimentReport(dir) };
}

export interface StoredExperiment {
  readonly dir: string;
  /** All that was ever asked for in this folder. */
  readonly settings: ExperimentSettings;
  /** Null before the first cell is done. */
  readonly report: ExperimentReport | null;
}

/** The report that was last written in a folder; null where there is none. Throws `experiment/folder` where it is damaged. */
export async function readExperimentReport(dir: string): Promise<ExperimentReport | null> {
  const file = path.join(path.resolve(dir), 'results.json');
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (systemCode(error) === 'ENOENT' || systemCode(error) === 'ENOTDIR') return null;
    throw new CoreError('experiment/folder', `Cannot read ${file}: ${messageOf(error)}.`, { cause: error });
  }
  try {
    const value = JSON.parse(text) as Omit<ExperimentReport, 'formatVersion'> & { formatVersion?: unknown };
    if (value.formatVersion !== 1) throw new Error('another format');
    return { ...value, formatVersion: 1 };
  } catch (error) {
    const remedy = `${file} is not a report of this program. Run the experiment again: finished cells are kept.`;
    throw new CoreError('experiment/folder', remedy, { cause: error });
  }
}
