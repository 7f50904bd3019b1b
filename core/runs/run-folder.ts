/** A run on disk. Everything that belongs to a run is written here and nowhere else; a `kill -9` at any point leaves it loadable. */
import { mkdir, readFile, readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { CoreError, messageOf } from '../errors.ts';
import { removeTemporaries, systemCode, temporaryEnding, writeFileAtomic, writeJsonAtomic } from './atomic.ts';
import * as checkpoints from './checkpoints.ts';
import { acquireLock } from './lock.ts';
import { parseManifest, type ManifestPatch, type RunManifest } from './manifest.ts';
import { MetricsWriter, readLastMetrics, readMetrics, truncateMetrics, type MetricsRecord } from './metrics-log.ts';

export type SampleKind = 'samples' | 'reconstructions';

const manifestName = 'run.json';
const lockName = 'lock.json';

async function namesIn(dir: string): Promise<string[]> {
  try {
    return await readdir(dir);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    if (systemCode(error) === 'ENOTDIR') {
      throw new CoreError('runs/not-a-folder', `${dir} is a file. Give the name of a folder.`, { cause: error });
    }
    throw new CoreError('runs/not-readable', `May not read ${dir}: ${messageOf(error)}. Choose another folder.`, {
      cause: error,
    });
  }
}

async function readManifest(dir: string): Promise<RunManifest> {
  const file = path.join(dir, manifestName);
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    const remedy = 'Give the folder that `triangle train --out` wrote.';
    throw new CoreError('runs/not-a-run', `${dir} is not a run: it has no ${manifestName}. ${remedy}`, {
      cause: error,
    });
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new CoreError('runs/manifest', `${file} is not JSON. Restore it from a copy.`, { cause: error });
  }
  return parseManifest(value, file);
}

async function bytesIn(dir: string): Promise<number> {
  let bytes = 0;
  for (const entry of await readdir(dir, { withFileTypes: true })) {
    const file = path.join(dir, entry.name);
    try {
      if (entry.isDirectory()) bytes += await bytesIn(file);
      else if (entry.isFile()) bytes += (await stat(file)).size;
    } catch (error) {
      // Renamed or pruned by the writer while we looked.
      if (systemCode(error) !== 'ENOENT') throw error;
    }
  }
  return bytes;
}

export class RunFolder {
  /** Absolute path. */
  readonly dir: string;
  #manifest: RunManifest;
  readonly #release: (() => Promise<void>) | null;
  readonly #metrics: MetricsWriter;
  readonly #validation: MetricsWriter;
  /** Writes go one after the other, in the order of the calls. */
  #queue: Promise<unknown> = Promise.resolve();

  private constructor(dir: string, manifest: RunManifest, release: (() => Promise<void>) | null) {
    this.dir = dir;
    this.#manifest = manifest;
    this.#release = release;
    this.#metrics = new MetricsWriter(this.#path('metrics.jsonl'));
    this.#validation = new MetricsWriter(this.#path('validation.jsonl'));
  }

  /**
   * Makes a new run and takes its lock. Throws `runs/exists` for a folder that is a run already, `runs/not-empty` for one with
   * other things in it, `runs/locked`.
   */
  static async create(dir: string, manifest: RunManifest): Promise<RunFolder> {
    const absolute = path.resolve(dir);
    const names = await namesIn(absolute);
    if (names.includes(manifestName)) {
      const text = `${absolute} holds a run already. Add --resume to go on with it, or choose another folder.`;
      throw new CoreError('runs/exists', text);
    }
    // A run whose making was killed leaves these, and nothing else.
    const rests = new Set([lockName, 'checkpoints', 'samples', 'reconstructions', 'scores', 'gallery']);
    const foreign = names.filter((name) => !rests.has(name) && !name.endsWith(temporaryEnding));
    if (foreign.length > 0) {
      const text = `${absolute} is not empty (${foreign.slice(0, 3).join(', ')}). Choose a new or empty folder for the run.`;
      throw new CoreError('runs/not-empty', text);
    }
    try {
      await mkdir(path.join(absolute, 'checkpoints'), { recursive: true });
    } catch (error) {
      const text = `Could not make ${absolute}: ${messageOf(error)}. Choose a folder that you may write to.`;
      throw new CoreError('runs/not-writable', text, { cause: error });
    }
    const release = await acquireLock(path.join(absolute, lockName));
    const run = new RunFolder(absolute, parseManifest(manifest, 'The new manifest'), release);
    try {
      await removeTemporaries(absolute);
      await writeJsonAtomic(run.#path(manifestName), run.#manifest);
      return run;
    } catch (error) {
      await release();
      throw error;
    }
  }

  /** Opens a run for reading; needs no lock. Throws `runs/not-a-run`, `runs/manifest`, `runs/newer-format`. */
  static async open(dir: string): Promise<RunFolder> {
    const absolute = path.resolve(dir);
    return new RunFolder(absolute, await readManifest(absolute), null);
  }

  /** Opens a run to go on with it: takes its lock and removes what an interrupted writer left. Also throws `runs/locked`. */
  static async openForWriting(dir: string): Promise<RunFolder> {
    const absolute = path.resolve(dir);
    await readManifest(absolute);
    const release = await acquireLock(path.join(absolute, lockName));
    try {
      await removeTemporaries(absolute);
      await checkpoints.removeHalves(path.join(absolute, 'checkpoints'));
      for (const kind of ['samples', 'reconstructions']) await removeTemporaries(path.join(absolute, kind));
      await mkdir(path.join(absolute, 'checkpoints'), { recursive: true });
      // Read again: the writer before us may have changed it until it gave the lock back.
      return new RunFolder(absolute, await readManifest(absolute), release);
    } catch (error) {
      await release();
      throw error;
    }
  }

  get manifest(): RunManifest {
    return this.#manifest;
  }

  /** Changes the manifest and writes it. */
  async updateManifest(patch: ManifestPatch): Promise<void> {
    await this.#write(async () => {
      const changed = parseManifest({ ...this.#manifest, ...patch }, 'The changed manifest');
      await writeJsonAtomic(this.#path(manifestName), changed);
      this.#manifest = changed;
    });
  }

  async appendMetrics(record: MetricsRecord): Promise<void> {
    await this.#write(() => this.#metrics.append(record));
  }

  /** All logged records, oldest first. */
  async readMetrics(): Promise<MetricsRecord[]> {
    return readMetrics(this.#path('metrics.jsonl'));
  }

  /** Metrics of a validation, in `validation.jsonl`: there are far fewer of them than steps. */
  async appendValidation(record: MetricsRecord): Promise<void> {
    await this.#write(() => this.#validation.append(record));
  }

  async readValidation(): Promise<MetricsRecord[]> {
    return readMetrics(this.#path('validation.jsonl'));
  }

  async lastValidation(): Promise<MetricsRecord | null> {
    return readLastMetrics(this.#path('validation.jsonl'));
  }

  async lastMetrics(): Promise<MetricsRecord | null> {
    return readLastMetrics(this.#path('metrics.jsonl'));
  }

  /** Goes back to `step`: what was logged behind it is cut off. To be called with the step of the checkpoint that is resumed. */
  async rewindMetrics(step: number): Promise<void> {
    await this.#write(async () => {
      await this.#metrics.close();
      await this.#validation.close();
      await truncateMetrics(this.#path('metrics.jsonl'), step);
      await truncateMetrics(this.#path('validation.jsonl'), step);
    });
  }

  /** Saves a checkpoint; the log up to it is on the disk before it counts. */
  async saveCheckpoint(checkpoint: checkpoints.Checkpoint): Promise<void> {
    await this.#write(async () => {
      await this.#metrics.flush();
      await checkpoints.saveCheckpoint(this.#path('checkpoints'), checkpoint);
    });
  }

  /** See {@link checkpoints.loadCheckpoint}. */
  async loadCheckpoint(which: 'latest' | 'best' | number): Promise<checkpoints.LoadedCheckpoint> {
    return checkpoints.loadCheckpoint(this.#path('checkpoints'), which);
  }

  /** Steps of the whole checkpoints, ascending. */
  async listCheckpoints(): Promise<number[]> {
    return checkpoints.listSteps(this.#path('checkpoints'));
  }

  async best(): Promise<checkpoints.BestMark | null> {
    return checkpoints.readBest(this.#path('checkpoints'));
  }

  /** Marks a saved checkpoint as the best so far; pruning spares it. */
  async markBest(step: number, metric: { name: string; value: number }): Promise<void> {
    await this.#write(() => checkpoints.writeBest(this.#path('checkpoints'), { step, metric }));
  }

  /** Keeps the newest `keep` checkpoints and the best one. */
  async prune(keep: number): Promise<void> {
    await this.#write(() => checkpoints.pruneCheckpoints(this.#path('checkpoints'), keep));
  }

  /** Writes a picture of a step and returns its path. */
  async writeSample(kind: SampleKind, step: number, png: Uint8Array): Promise<string> {
    const file = await this.#pathIn(kind, `${checkpoints.stepName(step)}.png`);
    await this.#write(() => writeFileAtomic(file, png));
    return file;
  }

  /** Path for a file of scores; its folder is made. Needs no lock: several jobs may score the same run. */
  async scoresPath(name: string): Promise<string> {
    return this.#pathIn('scores', name);
  }

  /** Path for a file of a gallery; its folder is made. */
  async galleryPath(name: string): Promise<string> {
    return this.#pathIn('gallery', name);
  }

  /** Size of all files of the run. */
  async bytesUsed(): Promise<number> {
    return bytesIn(this.dir);
  }

  /** Waits for writes, closes files and gives the lock back. */
  async close(): Promise<void> {
    await this.#queue.catch(() => undefined);
    await this.#metrics.close();
    await this.#validation.close();
    await this.#release?.();
  }

  #path(...parts: string[]): string {
    return path.join(this.dir, ...parts);
  }

  async #pathIn(folder: string, name: string): Promise<string> {
    const file = this.#path(folder, name);
    if (!file.startsWith(this.#path(folder) + path.sep)) {
      throw new CoreError('runs/name', `${name} is not a file name. Give one without folders above it.`);
    }
    await mkdir(path.dirname(file), { recursive: true });
    return file;
  }

  async #write(job: () => Promise<void>): Promise<void> {
    if (this.#release === null) {
      throw new CoreError('runs/read-only', `${this.dir} was opened for reading. Open it for writing to change it.`);
    }
    const turn = this.#queue.then(job, job);
    this.#queue = turn.catch(() => undefined);
    await turn;
  }
}
