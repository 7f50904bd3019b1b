/** Page 6: what the machine has, what takes space, logs and versions. The settings themselves are the app's (`state/app.svelte.ts`). */
import type { Client } from '../../ipc/client.ts';
import type { AnswerOf, EventOf, Progress, RequestOf, SelfTest, Storage, TrashEntry } from '../../ipc/contract.ts';

export type CleanUp = RequestOf<'settings.cleanUp'>;

/** A part of the page that is asked for by itself, so that a slow or failing one leaves the others alone. */
class Loaded<T> {
  readonly #ask: () => Promise<T>;
  #asked = 0;

  value = $state.raw<T | null>(null);
  loading = $state(false);
  error = $state.raw<unknown>(null);

  constructor(ask: () => Promise<T>) {
    this.#ask = ask;
  }

  async load(): Promise<void> {
    const asked = ++this.#asked;
    this.loading = true;
    try {
      const value = await this.#ask();
      if (asked !== this.#asked) return;
      this.value = value;
      this.error = null;
    } catch (error) {
      if (asked === this.#asked) this.error = error;
    } finally {
      if (asked === this.#asked) this.loading = false;
    }
  }
}

/** A self-test that goes on or has ended. */
export interface SelfTestJob {
  readonly job: string;
  readonly stage: string;
  readonly progress: Progress | null;
}

export class SettingsState {
  readonly #client: Client;
  #stops: (() => void)[] = [];
  /** Ends that came before the id of their job: a test that fails at once. Null: none is asked for. */
  #early: Map<string, EventOf<'job.failed'> | null> | null = null;

  readonly devices: Loaded<AnswerOf<'settings.devices'>>;
  readonly folders: Loaded<AnswerOf<'settings.folders'>>;
  readonly storage: Loaded<Storage>;
  readonly trash: Loaded<readonly TrashEntry[]>;
  readonly logs: Loaded<AnswerOf<'settings.logs'>>;
  readonly about: Loaded<AnswerOf<'app.state'>>;

  /** Latest result of each device. */
  tests = $state.raw<ReadonlyMap<string, SelfTest>>(new Map());
  testing = $state.raw<SelfTestJob | null>(null);
  testError = $state.raw<unknown>(null);
  logLines = $state(500);

  constructor(client: Client) {
    this.#client = client;
    this.devices = new Loaded(() => client.call('settings.devices', {}));
    this.folders = new Loaded(() => client.call('settings.folders', {}));
    this.storage = new Loaded(() => client.call('settings.storage', {}));
    this.trash = new Loaded(() => client.call('trash.list', {}));
    this.logs = new Loaded(() => client.call('settings.logs', { lines: this.logLines }));
    this.about = new Loaded(() => client.call('app.state', {}));
  }

  open(): void {
    this.close();
    const client = this.#client;
    this.#stops = [
      client.on('settings.selfTest', (test) => (this.tests = new Map([...this.tests, [test.device, test]]))),
      client.on('job.progress', (job) => {
        if (job.job === this.testing?.job) this.testing = { job: job.job, stage: job.stage, progress: job.progress };
      }),
      client.on('job.finished', ({ job }) => this.#testEnded(job, null)),
      client.on('job.failed', (failure) => this.#testEnded(failure.job, failure)),
      client.on('library.changed', ({ what }) => {
        if (what === 'trash' && this.trash.value !== null) void this.trash.load();
        if ((what === 'storage' || what === 'trash' || what === 'runs') && this.storage.value !== null) {
          void this.storage.load();
        }
      }),
    ];
  }

  close(): void {
    for (const stop of this.#stops) stop();
    this.#stops = [];
  }

  /** Of one device, or of every one that is there. */
  async selfTest(device?: string): Promise<void> {
    this.testError = null;
    const early = new Map<string, EventOf<'job.failed'> | null>();
    this.#early = early;
    try {
      const { job } = await this.#client.call('settings.selfTest', device === undefined ? {} : { device });
      this.testing = { job, stage: 'Self-test', progress: null };
      const end = early.get(job);
      if (end !== undefined) this.#testEnded(job, end);
    } catch (error) {
      this.testError = error;
    } finally {
      this.#early = null;
    }
  }

  async cancelTest(): Promise<void> {
    if (this.testing !== null) await this.#client.call('jobs.cancel', { job: this.testing.job });
  }

  /** Bytes that are free again. */
  async cleanUp(what: CleanUp): Promise<number> {
    const { freedBytes } = await this.#client.call('settings.cleanUp', what);
    await Promise.all([this.storage.load(), this.trash.load()]);
    return freedBytes;
  }

  async restore(undo: string): Promise<string> {
    const { what } = await this.#client.call('trash.restore', { undo });
    await Promise.all([this.storage.load(), this.trash.load()]);
    return what;
  }

  /** For good. */
  async purge(ids: readonly string[]): Promise<number> {
    const { freedBytes } = await this.#client.call('trash.purge', { ids: [...ids] });
    await Promise.all([this.storage.load(), this.trash.load()]);
    return freedBytes;
  }

  async diagnostics(): Promise<string> {
    return (await this.#client.call('settings.diagnostics', {})).text;
  }

  #testEnded(job: string, failure: EventOf<'job.failed'> | null): void {
    this.#early?.set(job, failure);
    if (job !== this.testing?.job) return;
    this.testing = null;
    if (failure !== null && failure.code !== 'cancelled') this.testError = failure;
  }
}
