/**
 * An experiment on disk: `experiment.json` (settings), `cells/<id>/cell.json` (one result each, written when it is whole), the cells' runs,
 * and the report's files. A stop or a crash at any point loses at most what a run loses since its last checkpoint.
 */
import { mkdir, readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { CoreError, messageOf } from '../errors.ts';
import { removeTemporaries, systemCode, writeJsonAtomic } from '../runs/atomic.ts';
import { acquireLock } from '../runs/lock.ts';
import { settingsSchema } from './settings.ts';
import type { CellResult, ExperimentSettings } from './types.ts';

const formatVersion = 1;
const settingsName = 'experiment.json';
const resultName = 'cell.json';

const settingsFile = z.looseObject({ formatVersion: z.literal(formatVersion), settings: settingsSchema });

const figure = z.object({ title: z.string(), caption: z.string(), file: z.string(), csv: z.string().nullable() });
// What this program wrote itself: the parts that are counted with are checked, the facts are carried along.
const resultFile = z.looseObject({
  formatVersion: z.literal(formatVersion),
  result: z.looseObject({
    cell: z.looseObject({
      id: z.string(),
      method: z.string(),
      subject: z.string(),
      protocol: z.enum(['P1', 'P2']).nullable(),
      seed: z.int(),
    }),
    values: z.record(z.string(), z.number()),
    series: z.record(z.string(), z.array(z.number())),
    figures: z.array(figure),
    facts: z.looseObject({ epochs: z.number(), steps: z.number() }),
  }),
});

async function readJson(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as unknown;
  } catch (error) {
    if (systemCode(error) === 'ENOENT' || systemCode(error) === 'ENOTDIR') return null;
    throw new CoreError(
      'experiment/folder',
      `Cannot read ${file}: ${messageOf(error)}. Restore it, or choose another folder.`,
      { cause: error },
    );
  }
}

export class ExperimentFolder {
  /** Absolute path. */
  readonly dir: string;

  constructor(dir: string) {
    this.dir = path.resolve(dir);
  }

  /** Makes the folder if need be and takes its lock; the returned function gives it back. Throws `experiment/folder`, `runs/locked`. */
  async lock(): Promise<() => Promise<void>> {
    let names: string[];
    try {
      await mkdir(this.dir, { recursive: true });
      names = await readdir(this.dir);
    } catch (error) {
      const text = `Cannot make the folder ${this.dir}: ${messageOf(error)}. Choose a folder that you may write to.`;
      throw new CoreError('experiment/folder', text, { cause: error });
    }
    const foreign = names.filter((name) => !name.startsWith('.') && !['lock.json', 'cells'].includes(name));
    if (foreign.length > 0 && !names.includes(settingsName)) {
      const text = `${this.dir} is not empty (${foreign.slice(0, 3).join(', ')}) and no experiment.`;
      throw new CoreError('experiment/folder', `${text} Choose a new folder, or one that an experiment was begun in.`);
    }
    const release = await acquireLock(path.join(this.dir, 'lock.json'));
    await removeTemporaries(this.dir);
    return release;
  }

  /** Null where no experiment was begun. Throws `experiment/folder` for a damaged file. */
  async readSettings(): Promise<ExperimentSettings | null> {
    const file = path.join(this.dir, settingsName);
    const value = await readJson(file);
    if (value === null) return null;
    const parsed = settingsFile.safeParse(value);
    if (parsed.success) return parsed.data.settings;
    const text = `${file} is not an experiment of this program's version. Choose another folder.`;
    throw new CoreError('experiment/folder', text, { cause: parsed.error });
  }

  /** Whether any cell was begun: until then the settings may still change. */
  async isBegun(): Promise<boolean> {
    const names = await readdir(path.join(this.dir, 'cells')).catch(() => []);
    return names.length > 0;
  }

  async writeSettings(settings: ExperimentSettings): Promise<void> {
    await writeJsonAtomic(path.join(this.dir, settingsName), { formatVersion, settings });
  }

  cellDir(id: string): string {
    return path.join(this.dir, 'cells', id);
  }

  /** Null where the cell is not done, or its file is not whole: it is then made again. */
  async readResult(id: string): Promise<CellResult | null> {
    const parsed = resultFile.safeParse(await readJson(path.join(this.cellDir(id), resultName)).catch(() => null));
    return parsed.success ? (parsed.data.result as unknown as CellResult) : null;
  }

  async writeResult(result: CellResult): Promise<void> {
    const dir = this.cellDir(result.cell.id);
    await mkdir(dir, { recursive: true });
    await writeJsonAtomic(path.join(dir, resultName), { formatVersion, result });
  }
}
