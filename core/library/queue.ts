/** The queue of trainings: one at a time, kept on disk; what was under way when the process died goes on from its last checkpoint. */
import path from 'node:path';
import { z } from 'zod';
import { CoreError, messageOf } from '../errors.ts';
import { speedKey } from '../jobs/estimate.ts';
import { planLike } from '../jobs/plan.ts';
import { RunFolder } from '../runs/run-folder.ts';
import { idOf, type LibraryFolders } from './folders.ts';
import { JsonStore } from './json-store.ts';
import { LaneTurns } from './lane-turns.ts';
import type { Log } from './log.ts';
import { ActiveRun, type RunResult } from './queue-run.ts';
import {
  queueEntrySchema,
  waitingStatus,
  type QueueEntry,
  type QueueEvent,
  type TrainingStatus,
} from './queue-entry.ts';
import type { SettingsStore } from './settings.ts';
import { speedStore } from './speeds.ts';

export interface NewEntry {
  readonly dir: string;
  readonly name: string;
  readonly dataset: string;
  readonly source?: string;
  readonly excludeFiles?: readonly string[];
  readonly preset?: string;
  readonly values?: QueueEntry['values'];
  readonly like?: string;
  readonly epochs?: number | undefined;
  readonly steps?: number;
}

/** A run that takes the process with it so often without getting further is not tried again by itself. */
const mostDeaths = 3;

export class TrainingQueue {
  readonly #folders: LibraryFolders;
  readonly #settings: SettingsStore;
  readonly #log: Log;
  readonly #tell: (event: QueueEvent) => void;
  readonly #store: JsonStore<QueueEntry[]>;
  readonly #turns: LaneTurns;
  #active: ActiveRun | null = null;
  /** A turn is waited for, or a run is under way; and whether somebody asked again meanwhile. */
  #pumping = false;
  #again = false;
  /** Set by keepAsIs: after the stop the run is closed as finished. */
  #keep = new Set<string>();
  #closing = false;
  #pausedAtClose = false;

  constructor(
    folders: LibraryFolders,
    parts: { settings: SettingsStore; log: Log; tell: (event: QueueEvent) => void; turns?: LaneTurns },
  ) {
    this.#folders = folders;
    this.#settings = parts.settings;
    this.#log = parts.log;
    this.#tell = parts.tell;
    // Experiments train in the same process.
    this.#turns = parts.turns ?? new LaneTurns();
    this.#store = new JsonStore(path.join(folders.library, 'queue.json'), z.array(queueEntrySchema), []);
  }

  /** Goes on with what was under way. To be called once. */
  async begin(): Promise<void> {
    await this.#store.change((entries) =>
      entries.map((entry) => {
        if (entry.state !== 'active') return entry;
        const deaths = entry.deaths + 1;
        if (deaths < mostDeaths) return { ...entry, state: 'queued', deaths };
        const message = `The program died ${mostDeaths} times while training this run. Try a smaller batch or another device, then resume it.`;
        return { ...entry, state: 'failed', deaths: 0, code: 'training/died', message };
      }),
    );
    void this.#pump();
  }

  async add(wanted: NewEntry): Promise<string> {
    const run = idOf(wanted.dir);
    const entry: QueueEntry = {
      run,
      dir: wanted.dir,
      name: wanted.name,
      dataset: wanted.dataset,
      source: wanted.source ?? null,
      excludeFiles: [...(wanted.excludeFiles ?? [])],
      preset: wanted.preset ?? null,
      values: wanted.values ?? {},
      like: wanted.like ?? null,
      epochs: wanted.epochs ?? null,
      steps: wanted.steps ?? null,
      state: 'queued',
      deaths: 0,
      code: null,
      message: null,
    };
    if (this.#active?.entry.run === run) {
      throw new CoreError('training/already', `${wanted.name} is being trained already.`);
    }
    await this.#store.change((entries) => [...entries.filter((other) => other.run !== run), entry]);
    this.#tell({ kind: 'state', status: waitingStatus(entry) });
    this.#tell({ kind: 'queue' });
    void this.#pump();
    return run;
  }

  /** The active one first. */
  async list(): Promise<TrainingStatus[]> {
    const entries = await this.#store.read();
    const active = this.#active;
    const waiting = entries.filter(({ run }) => run !== active?.entry.run).map((entry) => waitingStatus(entry));
    return active === null ? waiting : [active.status, ...waiting];
  }

  async pause(run: string): Promise<void> {
    if (this.#active?.entry.run === run) {
      this.#active.pause();
      return;
    }
    await this.#patch(run, { state: 'paused' });
  }

  /** Of the active run, or of a waiting one that was paused or failed; false where the run is not in the queue. */
  async resume(run: string, epochs?: number): Promise<boolean> {
    if (this.#active?.entry.run === run) {
      this.#active.resume();
      return true;
    }
    const known = (await this.#store.read()).some((entry) => entry.run === run);
    if (!known) return false;
    await this.#patch(run, {
      state: 'queued',
      deaths: 0,
      code: null,
      message: null,
      ...(epochs !== undefined && { epochs }),
    });
    void this.#pump();
    return true;
  }

  /** Throws `training/not-running`. */
  async stop(run: string): Promise<void> {
    if (this.#active?.entry.run === run) {
      this.#active.stop();
      return;
    }
    await this.remove(run);
  }

  /** True when it takes effect by itself; false where the run does not train now. */
  keepAsIs(run: string): boolean {
    if (this.#active?.entry.run !== run) return false;
    this.#keep.add(run);
    this.#active.stop();
    return true;
  }

  async reorder(runs: readonly string[]): Promise<void> {
    const place = new Map(runs.map((run, index) => [run, index]));
    const of = ({ run }: QueueEntry): number => place.get(run) ?? runs.length;
    await this.#store.change((entries) => [...entries].sort((a, b) => of(a) - of(b)));
    this.#tell({ kind: 'queue' });
  }

  async remove(run: string): Promise<void> {
    if (this.#active?.entry.run === run)
      throw new CoreError('training/running', 'This run is being trained. Stop it instead.');
    const before = await this.#store.read();
    const gone = before.find((entry) => entry.run === run);
    if (gone === undefined) throw new CoreError('training/not-queued', 'This run is not in the queue.');
    await this.#store.change((entries) => entries.filter((entry) => entry.run !== run));
    this.#tell({ kind: 'state', status: { ...waitingStatus(gone), state: 'stopped' } });
    this.#tell({ kind: 'queue' });
  }

  /** Stops and saves; the entry stays, to go on at the next start. */
  async close(): Promise<void> {
    this.#closing = true;
    this.#pausedAtClose = this.#active?.status.state === 'paused';
    this.#active?.stop();
    while (this.#active !== null) await new Promise((resolve) => setTimeout(resolve, 20));
  }

  async #patch(run: string, patch: Partial<QueueEntry>): Promise<void> {
    const changed = await this.#store.change((entries) =>
      entries.map((entry) => (entry.run === run ? { ...entry, ...patch } : entry)),
    );
    const entry = changed.find((candidate) => candidate.run === run);
    if (entry === undefined) throw new CoreError('training/not-queued', 'This run is not in the queue.');
    this.#tell({ kind: 'state', status: waitingStatus(entry) });
    this.#tell({ kind: 'queue' });
  }

  async #pump(): Promise<void> {
    this.#again = true;
    if (this.#pumping || this.#closing) return;
    this.#pumping = true;
    const end = await this.#turns.take();
    try {
      this.#again = false;
      const entry = (await this.#store.read()).find(({ state }) => state === 'queued');
      if (entry !== undefined && !this.#closes()) {
        await this.#trainNext(entry);
        this.#again = true;
      }
    } finally {
      end();
      this.#pumping = false;
    }
    if (this.#again) void this.#pump();
  }

  async #trainNext(entry: QueueEntry): Promise<void> {
    const active = new ActiveRun(entry, (event) => this.#heard(event));
    this.#active = active;
    await this.#store.change((entries) =>
      entries.map((other) => (other.run === entry.run ? { ...other, state: 'active' } : other)),
    );
    this.#tell({ kind: 'queue' });
    const end = await this.#train(active);
    this.#active = null;
    this.#tell({ kind: 'state', status: end });
    this.#tell({ kind: 'runs' });
    this.#tell({ kind: 'queue' });
  }

  /** Read anew: it may have been told to close while a turn was waited for. */
  #closes(): boolean {
    return this.#closing;
  }

  #heard(event: QueueEvent): void {
    if (event.kind === 'checkpoint') {
      // It got further: deaths before count no more.
      const { run } = event;
      void this.#store.change((entries) =>
        entries.map((entry) => (entry.run === run ? { ...entry, deaths: 0 } : entry)),
      );
    }
    this.#tell(event);
  }

  /** The final status; what is left of the entry is on the disk. */
  async #train(active: ActiveRun): Promise<TrainingStatus> {
    const { run, dir } = active.entry;
    const settings = await this.#settings.get();
    try {
      let result = await active.go(settings, this.#folders.cache);
      if (result.state === 'stopped' && this.#keep.delete(run)) result = await this.#finish(active.entry);
      await this.#remember(result);
      if (this.#closing && result.state === 'stopped') {
        await this.#store.change((entries) =>
          entries.map((entry) =>
            entry.run === run ? { ...entry, state: this.#pausedAtClose ? 'paused' : 'queued' } : entry,
          ),
        );
      } else {
        await this.#store.change((entries) => entries.filter((entry) => entry.run !== run));
      }
      const { manifest } = result;
      const steps = manifest?.training.steps ?? active.status.steps;
      return {
        ...active.status,
        state: result.state,
        step: manifest?.step ?? active.status.step,
        steps,
        progress: null,
      };
    } catch (error) {
      const code = error instanceof CoreError ? error.code : 'internal/error';
      if (code === 'cancelled') {
        await this.#store.change((entries) => entries.filter((entry) => entry.run !== run));
        return { ...active.status, state: 'stopped', progress: null };
      }
      const message = messageOf(error);
      this.#log.write(
        'error',
        `training ${dir}: ${code}: ${error instanceof Error ? (error.stack ?? message) : message}`,
      );
      await this.#store.change((entries) =>
        entries.map((entry) => (entry.run === run ? { ...entry, state: 'failed', code, message } : entry)),
      );
      return { ...active.status, state: 'failed', code, message, progress: null };
    }
  }

  /** Closes a stopped run with the steps that it has: resumed with nothing left to do, it is calibrated and marked finished. */
  async #finish(entry: QueueEntry): Promise<RunResult> {
    const { manifest } = await RunFolder.open(entry.dir);
    const last = new ActiveRun({ ...entry, steps: manifest.step, epochs: null }, (event) => this.#heard(event));
    return last.go(await this.#settings.get(), this.#folders.cache);
  }

  async #remember({ manifest, imagesPerSecond }: RunResult): Promise<void> {
    if (manifest === null || imagesPerSecond === null || !(imagesPerSecond > 0)) return;
    const key = speedKey(planLike(manifest), manifest.device.name);
    await speedStore(this.#folders).change((known) => ({ ...known, [key]: manifest.training.batch / imagesPerSecond }));
  }
}
