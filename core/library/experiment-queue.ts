/** Experiments that are asked for, one after the other and between trainings; what was under way when the process died goes on. */
import { CoreError, messageOf } from '../errors.ts';
import { runExperiment } from '../experiments/run-experiment.ts';
import { findExperiment } from '../experiments/registry.ts';
import type { ExperimentChoices, ExperimentEvent } from '../experiments/types.ts';
import {
  ExperimentShelf,
  experimentStore,
  newEntry,
  type ExperimentEntry,
  type ExperimentStore,
} from './experiments.ts';
import type { LibraryFolders } from './folders.ts';
import type { LaneTurns } from './lane-turns.ts';
import type { Log } from './log.ts';
import type { SettingsStore } from './settings.ts';
import type { Trash } from './trash.ts';

/** What is under way in the active one. */
interface Live {
  readonly cells: { readonly done: number; readonly total: number };
  readonly current: {
    readonly cell: string;
    readonly stage: string;
    readonly done: number;
    readonly total: number;
    readonly unit: string;
    readonly secondsLeft: number | null;
  } | null;
  readonly secondsLeft: number | null;
}

export type ExperimentCard = Omit<ExperimentEntry, 'deaths' | 'dir'> &
  Live & { readonly title: string; readonly paper: string; readonly folder: string };

interface Parts {
  readonly settings: SettingsStore;
  readonly log: Log;
  readonly trash: Trash;
  readonly turns: LaneTurns;
  /** A card that has changed; at most four a second while it works. */
  readonly tell: (card: ExperimentCard) => void;
}

/** One that takes the process with it so often without finishing a cell is not tried again by itself. */
const mostDeaths = 3;
const tellEveryMs = 250;

export class ExperimentQueue {
  readonly #folders: LibraryFolders;
  readonly #parts: Parts;
  readonly #store: ExperimentStore;
  readonly #shelf: ExperimentShelf;
  #active: { readonly id: string; readonly abort: AbortController; live: Live } | null = null;
  #told = 0;
  #closing = false;
  #work: Promise<void> = Promise.resolve();

  constructor(folders: LibraryFolders, parts: Parts) {
    this.#folders = folders;
    this.#parts = parts;
    this.#store = experimentStore(folders);
    this.#shelf = new ExperimentShelf(folders, parts.trash);
  }

  /** Goes on with what was under way. To be called once. */
  async begin(): Promise<void> {
    for (const { id, state, deaths } of await this.#shelf.list()) {
      if (state === 'queued') this.#enqueue(id);
      if (state !== 'active') continue;
      if (deaths + 1 < mostDeaths) {
        await this.#patch(id, { state: 'queued', deaths: deaths + 1 });
        this.#enqueue(id);
      } else {
        const message = `The program died ${mostDeaths} times in this experiment. Try fewer images or another device, then continue it.`;
        await this.#patch(id, { state: 'failed', deaths: 0, code: 'training/died', message });
      }
    }
  }

  /** Throws `experiment/unknown`. */
  async start(experiment: string, choices: ExperimentChoices): Promise<ExperimentCard> {
    const entry = newEntry(this.#folders, experiment, choices);
    await this.#store.change((all) => ({ ...all, [entry.id]: { ...entry, choices: { ...choices } } }));
    this.#enqueue(entry.id);
    return this.card(entry.id);
  }

  /** Stops at the next step, or takes it out of the queue; what is done stays. */
  async stop(id: string): Promise<ExperimentCard> {
    if (this.#active?.id === id) this.#active.abort.abort();
    else if ((await this.#shelf.entry(id)).state === 'queued') await this.#patch(id, { state: 'stopped' });
    return this.card(id);
  }

  /** Goes on with a stopped or failed one. */
  async resume(id: string): Promise<ExperimentCard> {
    const { state } = await this.#shelf.entry(id);
    if (state !== 'queued' && state !== 'active') {
      await this.#patch(id, { state: 'queued', deaths: 0, code: null, message: null });
      this.#enqueue(id);
    }
    return this.card(id);
  }

  async list(): Promise<ExperimentCard[]> {
    return Promise.all((await this.#shelf.list()).map((entry) => this.#cardOf(entry)));
  }

  async card(id: string): Promise<ExperimentCard> {
    return this.#cardOf(await this.#shelf.entry(id));
  }

  /** Stops and saves; what was active goes on at the next start. */
  async close(): Promise<void> {
    this.#closing = true;
    this.#active?.abort.abort();
    await this.#work;
  }

  #enqueue(id: string): void {
    const before = this.#work;
    this.#work = this.#run(id, before).catch((error: unknown) => {
      this.#parts.log.write('error', `experiment ${id}: ${messageOf(error)}`);
    });
  }

  async #run(id: string, before: Promise<void>): Promise<void> {
    await before;
    if (this.#closing) return;
    const end = await this.#parts.turns.take();
    try {
      // Stopped, or stopped and continued, while it waited.
      if (this.#closes() || (await this.#shelf.entry(id)).state !== 'queued') return;
      await this.#patch(id, { state: 'active' });
      await this.#patch(id, await this.#train(await this.#shelf.entry(id)));
    } finally {
      end();
    }
  }

  /** Read anew: it may have been told to close while a turn was waited for. */
  #closes(): boolean {
    return this.#closing;
  }

  /** What its entry says afterwards. */
  async #train(entry: ExperimentEntry): Promise<Partial<ExperimentEntry>> {
    const abort = new AbortController();
    this.#active = { id: entry.id, abort, live: { cells: { done: 0, total: 0 }, current: null, secondsLeft: null } };
    const { device, threads } = await this.#parts.settings.get();
    try {
      const { state } = await runExperiment({
        ...entry.choices,
        experiment: entry.experiment,
        out: entry.dir,
        device,
        threads: threads ?? undefined,
        cacheDir: this.#folders.cache,
        signal: abort.signal,
        onEvent: (event) => this.#heard(entry.id, event),
      });
      if (state === 'stopped') return { state: this.#closing ? 'queued' : 'stopped' };
      if (state === 'finished') return { state, deaths: 0 };
      const message = 'A training failed; the notes below the tables say which. What was measured stays.';
      return { state, code: 'experiment/cells', message };
    } catch (error) {
      const code = error instanceof CoreError ? error.code : 'internal/error';
      if (code === 'cancelled') return { state: this.#closing ? 'queued' : 'stopped' };
      this.#parts.log.write('error', `experiment ${entry.dir}: ${code}: ${messageOf(error)}`);
      return { state: 'failed', code, message: messageOf(error) };
    } finally {
      this.#active = null;
    }
  }

  #heard(id: string, event: ExperimentEvent): void {
    const active = this.#active;
    if (active?.id !== id) return;
    const { live } = active;
    switch (event.kind) {
      case 'planned':
        active.live = {
          ...live,
          cells: { done: event.cells.filter(({ done }) => done).length, total: event.cells.length },
        };
        break;
      case 'progress': {
        const { cell, stage, done, total, unit, cellSecondsLeft, secondsLeft } = event;
        active.live = {
          ...live,
          secondsLeft,
          current: { cell: cell.id, stage, done, total, unit, secondsLeft: cellSecondsLeft },
        };
        if (Date.now() - this.#told < tellEveryMs) return;
        break;
      }
      case 'cell-finished':
        active.live = { ...live, current: null, cells: { ...live.cells, done: live.cells.done + 1 } };
        // It got further: deaths before count no more.
        void this.#patch(id, { deaths: 0 });
        return;
      case 'cell-started':
      case 'cell-failed':
      case 'report':
        break;
      case 'problem':
        return;
    }
    this.#told = Date.now();
    void this.card(id).then(this.#parts.tell);
  }

  async #patch(id: string, patch: Partial<ExperimentEntry>): Promise<void> {
    await this.#store.change((all) => {
      const entry = all[id];
      return entry === undefined ? all : { ...all, [id]: { ...entry, ...patch } as typeof entry };
    });
    this.#parts.tell(await this.card(id));
  }

  async #cardOf(entry: ExperimentEntry): Promise<ExperimentCard> {
    const { title, paper } = findExperiment(entry.experiment);
    const { id, experiment, created, choices, state, code, message } = entry;
    const live = this.#active?.id === id ? this.#active.live : null;
    const cells = live?.cells ?? (await this.#shelf.report(id).catch(() => null))?.cells ?? { done: 0, total: 0 };
    return {
      id,
      experiment,
      created,
      choices,
      state,
      code,
      message,
      folder: entry.dir,
      title,
      paper,
      cells,
      current: live?.current ?? null,
      secondsLeft: live?.secondsLeft ?? null,
    };
  }
}
