/** Page 6: the paper's experiments, those that were asked for, and one that is looked at. */
import type { AnswerOf, ExperimentCard, ExperimentChoices, RequestOf, Undo } from '../../ipc/contract.ts';
import type { Client } from '../../ipc/client.ts';
import { describe, type Described } from '../lib/errors.ts';

export type Catalogue = AnswerOf<'experiments.catalogue'>;
export type ExperimentPage = NonNullable<AnswerOf<'experiments.report'>>;

export class Experiments {
  catalogue = $state.raw<Catalogue | null>(null);
  /** Null until asked; newest first. */
  cards = $state.raw<readonly ExperimentCard[] | null>(null);
  error = $state.raw<Described | null>(null);
  /** The one that is looked at. */
  chosen = $state.raw<string | null>(null);
  /** Undefined until asked; null before its first training is measured. */
  report = $state.raw<ExperimentPage | null | undefined>(undefined);
  reportError = $state.raw<Described | null>(null);
  readonly card = $derived((this.cards ?? []).find(({ id }) => id === this.chosen) ?? null);
  readonly #client: Client;

  constructor(client: Client) {
    this.#client = client;
  }

  /** Listens to the core; gives back what ends that. */
  listen(): () => void {
    const stops = [
      this.#client.on('experiments.state', (card) => this.#take(card)),
      this.#client.on('library.changed', ({ what }) => {
        if (what === 'experiments') void this.load();
      }),
    ];
    return () => {
      for (const stop of stops) stop();
    };
  }

  async load(): Promise<void> {
    try {
      const [catalogue, cards] = await Promise.all([
        this.#client.call('experiments.catalogue', {}),
        this.#client.call('experiments.list', {}),
      ]);
      this.catalogue = catalogue;
      this.cards = cards;
      this.error = null;
    } catch (error) {
      this.error = describe(error);
    }
  }

  choose(id: string | null): void {
    if (id === this.chosen) return;
    this.chosen = id;
    this.report = undefined;
    this.reportError = null;
    if (id !== null) void this.loadReport();
  }

  async loadReport(): Promise<void> {
    const id = this.chosen;
    if (id === null) return;
    try {
      const report = await this.#client.call('experiments.report', { experiment: id });
      if (this.chosen !== id) return;
      this.report = report;
      this.reportError = null;
    } catch (error) {
      if (this.chosen === id) this.reportError = describe(error);
    }
  }

  /** The id of what was put into the queue. Throws what the core says. */
  async start(kind: string, choices: ExperimentChoices): Promise<string> {
    const card = await this.#client.call('experiments.start', { kind, choices });
    this.#take(card);
    return card.id;
  }

  async plan(request: RequestOf<'experiments.plan'>): Promise<number> {
    return (await this.#client.call('experiments.plan', request)).cells;
  }

  async stop(experiment: string): Promise<void> {
    this.#take(await this.#client.call('experiments.stop', { experiment }));
  }

  async resume(experiment: string): Promise<void> {
    this.#take(await this.#client.call('experiments.resume', { experiment }));
  }

  /** What brings it back is {@link restore}. */
  async remove(experiment: string): Promise<Undo> {
    const undo = await this.#client.call('experiments.delete', { experiment });
    this.cards = (this.cards ?? []).filter(({ id }) => id !== experiment);
    return undo;
  }

  async restore({ undo }: Undo): Promise<void> {
    await this.#client.call('trash.restore', { undo });
    await this.load();
  }

  async exportTo(experiment: string, what: RequestOf<'experiments.export'>['what'], path: string): Promise<string> {
    return (await this.#client.call('experiments.export', { experiment, what, path })).file;
  }

  #take(card: ExperimentCard): void {
    const before = this.cards?.find(({ id }) => id === card.id);
    this.cards =
      before === undefined
        ? [card, ...(this.cards ?? [])]
        : (this.cards ?? []).map((other) => (other.id === card.id ? card : other));
    // The tables grow with each training that is measured.
    const grown = before?.cells.done !== card.cells.done || before.state !== card.state;
    if (card.id === this.chosen && grown) void this.loadReport();
  }
}
