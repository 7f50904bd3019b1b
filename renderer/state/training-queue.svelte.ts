/** The queue of runs and what the one that trains tells; `live(run)` has its charts and pictures. */
import type { Client } from '../../ipc/client.ts';
import type { RequestOf, TrainingStatus } from '../../ipc/contract.ts';
import { hasEnded, isActive } from '../lib/training-words.ts';
import { LiveRun } from './live-run.svelte.ts';

/** Of one question, while states are told faster than answers come. */
const mostTries = 5;

export class TrainingQueue {
  /** The one that trains first, then those that wait. */
  queue = $state.raw<readonly TrainingStatus[]>([]);
  /** Ended since the window was opened: their charts stay to be looked at. */
  ended = $state.raw<readonly TrainingStatus[]>([]);
  loaded = $state(false);
  readonly current = $derived(this.queue.find(({ state }) => isActive(state)) ?? null);

  readonly #client: Client;
  /** Counts the states that were told, and the questions. */
  #told = 0;
  #asked = 0;
  #live: LiveRun | null = null;

  constructor(client: Client) {
    this.#client = client;
  }

  start(): void {
    this.#client.on('training.queue', ({ queue }) => {
      this.queue = queue;
      // Read before it was sent: a state that was told meanwhile is newer.
      void this.load();
    });
    this.#client.on('training.state', (status) => {
      this.#told += 1;
      this.#take(status);
    });
    this.#client.on('training.metrics', ({ run, step, steps, secondsLeft }) => {
      const status = this.status(run);
      if (status !== null) this.#replace({ ...status, step, steps, secondsLeft });
    });
    void this.load();
  }

  async load(): Promise<void> {
    const asked = ++this.#asked;
    try {
      for (let tries = 0; tries < mostTries; tries++) {
        const told = this.#told;
        const queue = await this.#client.call('training.queue', {});
        if (asked !== this.#asked) return;
        // An answer that was overtaken by an event may be older than it, and would show for good what is over.
        if (told !== this.#told && tries < mostTries - 1) continue;
        this.queue = queue;
        this.loaded = true;
        return;
      }
    } catch {
      // The banner tells that the core is away; it is asked again when it is back.
    }
  }

  status(run: string): TrainingStatus | null {
    return [...this.queue, ...this.ended].find((each) => each.run === run) ?? null;
  }

  /** One run is followed at a time; another one ends it. */
  live(run: string): LiveRun {
    if (this.#live?.run !== run) {
      this.#live?.stop();
      this.#live = new LiveRun(this.#client, run);
    }
    return this.#live;
  }

  async startRun(request: RequestOf<'training.start'>): Promise<string> {
    const { run } = await this.#client.call('training.start', request);
    await this.load();
    return run;
  }

  /** Moves a waiting run by so many places. */
  async move(run: string, by: number): Promise<void> {
    const waiting = this.queue.filter(({ state }) => state === 'queued').map((each) => each.run);
    const from = waiting.indexOf(run);
    const to = Math.min(waiting.length - 1, Math.max(0, from + by));
    if (from < 0 || from === to) return;
    waiting.splice(to, 0, ...waiting.splice(from, 1));
    await this.#client.call('training.reorder', { runs: waiting });
    await this.load();
  }

  async remove(run: string): Promise<void> {
    await this.#client.call('training.remove', { run });
    await this.load();
  }

  #take(status: TrainingStatus): void {
    if (hasEnded(status.state)) {
      this.queue = this.queue.filter(({ run }) => run !== status.run);
      this.ended = [status, ...this.ended.filter(({ run }) => run !== status.run)].slice(0, 20);
    } else {
      this.ended = this.ended.filter(({ run }) => run !== status.run);
      if (this.queue.some(({ run }) => run === status.run)) this.#replace(status);
      else void this.load();
    }
  }

  #replace(status: TrainingStatus): void {
    this.queue = this.queue.map((each) => (each.run === status.run ? status : each));
  }
}
