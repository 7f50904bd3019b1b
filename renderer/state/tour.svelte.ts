/** The first tour in three steps: look at pictures, train on them, find planted anomalies. It drives the real pages. */
import type { Client } from '../../ipc/client.ts';
import type { AnswerOf, TrainingStatus } from '../../ipc/contract.ts';
import { describe, type Described } from '../lib/errors.ts';

export type TourStep = 'closed' | 'welcome' | 'look' | 'train' | 'score';

interface Options {
  readonly client: Client;
  readonly go: (page: string, params: Readonly<Record<string, string>>) => void;
  /** Of the run that the tour trains. */
  readonly status: (run: string) => TrainingStatus | null;
}

export class TourState {
  step = $state<TourStep>('closed');
  error = $state.raw<Described | null>(null);
  busy = $state(false);
  run = $state.raw<string | null>(null);
  readonly training = $derived.by(() => (this.run === null ? null : this.#options.status(this.run)));
  readonly trained = $derived(this.training?.state === 'finished');
  #offered = false;
  #plan: AnswerOf<'app.tour'> | null = null;
  readonly #options: Options;

  constructor(options: Options) {
    this.#options = options;
  }

  /** On the first start, once the window knows that it is one. Once only: it stays a first start after the tour. */
  offer(first: boolean): void {
    if (!first || this.#offered) return;
    this.#offered = true;
    if (this.step === 'closed') this.step = 'welcome';
  }

  begin(): void {
    this.error = null;
    this.run = null;
    this.step = 'welcome';
  }

  look(): Promise<void> {
    return this.#attempt(async () => {
      this.#plan = await this.#options.client.call('app.tour', {});
      this.step = 'look';
      this.#options.go('datasets', { dataset: this.#plan.dataset });
    });
  }

  train(): Promise<void> {
    return this.#attempt(async () => {
      if (this.#plan === null) return;
      const { dataset, preset, values, name } = this.#plan;
      const { run } = await this.#options.client.call('training.start', { dataset, preset, values, name });
      this.run = run;
      this.step = 'train';
      this.#options.go('train', { run });
    });
  }

  score(): Promise<void> {
    return this.#attempt(async () => {
      const { run } = this;
      if (this.#plan === null || run === null) return;
      const { session } = await this.#options.client.call('scoring.start', {
        run,
        inputs: this.#plan.scoreInputs,
        title: this.#plan.name,
      });
      this.step = 'score';
      this.#options.go('score', { run, session });
    });
  }

  /** Finished or put aside: it is not offered again by itself. */
  end(): Promise<void> {
    this.step = 'closed';
    return this.#attempt(async () => {
      await this.#options.client.call('settings.set', { tourDone: true });
    });
  }

  async #attempt(work: () => Promise<void>): Promise<void> {
    this.busy = true;
    try {
      await work();
      this.error = null;
    } catch (error) {
      this.error = describe(error);
    }
    this.busy = false;
  }
}
