/** The paper's experiments as a person keeps them: which were asked for, with what, how far each is, what came out. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { CoreError } from '../errors.ts';
import { readExperimentReport } from '../experiments/run-experiment.ts';
import { findExperiment } from '../experiments/registry.ts';
import { resolveSettings } from '../experiments/settings.ts';
import { reportMarkdown } from '../experiments/report/markdown.ts';
import { bestRows, cellHeads, cellRow, versionLines } from '../experiments/report/numbers.ts';
import type { ExperimentChoices, ExperimentReport, Figure } from '../experiments/types.ts';
import { writeFileAtomic } from '../runs/atomic.ts';
import { readBins, type Bins } from './experiment-bins.ts';
import { folderName, randomId, type LibraryFolders } from './folders.ts';
import { JsonStore } from './json-store.ts';
import { exists, type Trash } from './trash.ts';

const entrySchema = z.object({
  id: z.string(),
  /** Absolute. */
  dir: z.string(),
  experiment: z.string(),
  created: z.string(),
  choices: z.record(z.string(), z.unknown()),
  state: z.enum(['queued', 'active', 'stopped', 'finished', 'failed']),
  /** Times that the process died while it was active without finishing a cell. */
  deaths: z.int(),
  code: z.string().nullable(),
  message: z.string().nullable(),
});
type StoredEntry = z.output<typeof entrySchema>;
export type ExperimentEntry = Omit<StoredEntry, 'choices'> & { readonly choices: ExperimentChoices };

export type ExperimentStore = JsonStore<Record<string, StoredEntry>>;

/** The list on the disk, which the process that trains and the one that answers both read and write. */
export function experimentStore(folders: LibraryFolders): ExperimentStore {
  return new JsonStore(path.join(folders.library, 'experiments.json'), z.record(z.string(), entrySchema), {});
}

/** A new entry that waits. Throws `experiment/unknown`. */
export function newEntry(folders: LibraryFolders, experiment: string, choices: ExperimentChoices): ExperimentEntry {
  findExperiment(experiment);
  const id = randomId();
  return {
    id,
    dir: path.join(folders.library, 'experiments', `${folderName(experiment)}-${id.slice(0, 8)}`),
    experiment,
    created: new Date().toISOString(),
    choices,
    state: 'queued',
    deaths: 0,
    code: null,
    message: null,
  };
}

/** How many trainings it would be. Throws where the choices do not make sense together. */
export function planExperiment(experiment: string, choices: ExperimentChoices): number {
  const found = findExperiment(experiment);
  return found.cells(resolveSettings(found, choices, null)).length;
}

export class ExperimentShelf {
  readonly #store: ExperimentStore;
  readonly #trash: Trash;

  constructor(folders: LibraryFolders, trash: Trash) {
    this.#store = experimentStore(folders);
    this.#trash = trash;
  }

  /** Newest first; those in the trash are left out. */
  async list(): Promise<ExperimentEntry[]> {
    const entries = Object.values(await this.#store.read()) as ExperimentEntry[];
    const there = await Promise.all(entries.map(async (entry) => !rests(entry) || (await exists(entry.dir))));
    return entries.filter((_, at) => there[at]).sort((a, b) => (a.created < b.created ? 1 : -1));
  }

  /** Throws `library/unknown-experiment`. */
  async entry(id: string): Promise<ExperimentEntry> {
    const entry = (await this.#store.read())[id];
    if (entry !== undefined) return entry;
    throw new CoreError('library/unknown-experiment', 'This experiment is not in the collection any more.');
  }

  /** Null before its first cell is done. */
  async report(id: string): Promise<ExperimentReport | null> {
    return readExperimentReport((await this.entry(id)).dir);
  }

  /** The report as a page shows it: figures by number, with their bins where they are histograms. */
  async page(id: string) {
    const { dir } = await this.entry(id);
    const report = await readExperimentReport(dir);
    if (report === null) return null;
    const figures = await Promise.all(report.figures.map((figure) => pageFigure(dir, figure)));
    return {
      title: report.title,
      paper: report.paper,
      state: report.state,
      cells: report.cells,
      tables: report.tables.map((table) => ({ ...table, best: bestRows(table) })),
      figures,
      notes: report.notes,
      made: { heads: cellHeads, rows: report.results.map((result) => [...cellRow(result)]) },
      versions: versionLines(report.results),
    };
  }

  /** Throws `library/no-picture`. */
  async figure(id: string, index: number): Promise<{ readonly bytes: Uint8Array; readonly contentType: string }> {
    const { dir } = await this.entry(id);
    const file = (await readExperimentReport(dir))?.figures[index]?.file;
    if (file === undefined) throw new CoreError('library/no-picture', `There is no figure ${index}.`);
    const bytes = await readFile(within(dir, file));
    return { bytes, contentType: file.endsWith('.svg') ? 'image/svg+xml' : 'image/png' };
  }

  /**
   * Writes the report to `target`: one file that stands by itself, so Markdown without the figures, which it could only point at.
   * Throws `library/no-report` before the first cell is done.
   */
  async exportTo(id: string, what: 'json' | 'markdown' | 'html', target: string): Promise<string> {
    const { dir } = await this.entry(id);
    const report = await readExperimentReport(dir);
    const content =
      report === null || report.results.length === 0
        ? null
        : what === 'markdown'
          ? reportMarkdown({ ...report, figures: [] })
          : await readFile(path.join(dir, `results.${what}`)).catch(() => null);
    if (content === null) {
      throw new CoreError('library/no-report', 'There is nothing to export before the first training is measured.');
    }
    const file = path.resolve(target);
    await writeFileAtomic(file, content);
    return file;
  }

  /** Moves its folder to the trash. Throws `library/experiment-busy` while it trains. */
  async discard(id: string): Promise<{ undo: string; what: string }> {
    const entry = await this.entry(id);
    if (!rests(entry)) {
      throw new CoreError('library/experiment-busy', 'This experiment waits or is at work. Stop it first.');
    }
    const name = `Experiment "${findExperiment(entry.experiment).title}"`;
    const undo = await this.#trash.discard({ kind: 'experiment', name, paths: [entry.dir] });
    return { undo, what: `${name} deleted.` };
  }
}

function rests({ state }: ExperimentEntry): boolean {
  return state !== 'queued' && state !== 'active';
}

/** A path of the report below the experiment's folder; throws for one that leads out of it. */
function within(dir: string, relative: string): string {
  const file = path.resolve(dir, relative);
  if (!file.startsWith(path.resolve(dir) + path.sep)) {
    throw new CoreError('library/no-picture', 'The report names a file outside its folder.');
  }
  return file;
}

async function pageFigure(dir: string, { title, caption, csv }: Figure) {
  const bins: Bins | null = csv === null ? null : await readFile(within(dir, csv), 'utf8').then(readBins, () => null);
  return { title, caption, bins };
}
