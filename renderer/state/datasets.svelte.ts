/** Page 1: the list of datasets, and one that is looked at. The component that makes one calls `stop` when it goes. */
import type { Client } from '../../ipc/client.ts';
import type {
  AnswerOf,
  DatasetCard,
  DatasetDetails,
  DatasetItem,
  DatasetProblem,
  ProblemKind,
  RequestOf,
} from '../../ipc/contract.ts';
import { describe, type Described } from '../lib/errors.ts';
import { PagedRows } from './paged-rows.svelte.ts';

export class DatasetList {
  cards = $state.raw<readonly DatasetCard[]>([]);
  loaded = $state(false);
  error = $state.raw<Described | null>(null);
  /** The path that is being opened. */
  opening = $state.raw<string | null>(null);
  openError = $state.raw<Described | null>(null);
  readonly own = $derived(this.cards.filter(({ builtin }) => !builtin));
  readonly builtin = $derived(this.cards.filter((card) => card.builtin));
  readonly #client: Client;
  readonly #stop: () => void;

  constructor(client: Client) {
    this.#client = client;
    this.#stop = client.on('library.changed', ({ what }) => {
      if (what === 'datasets') void this.load();
    });
  }

  async load(): Promise<void> {
    try {
      this.cards = await this.#client.call('datasets.list', {});
      this.error = null;
      void this.#showBuiltin();
    } catch (error) {
      this.error = describe(error);
    }
    this.loaded = true;
  }

  /** Built-in sets nobody opened yet have no thumbnails: their first pictures are drawn once the list is there. */
  async #showBuiltin(): Promise<void> {
    for (const { id, thumbnails } of this.builtin) {
      if (thumbnails.length > 0) continue;
      try {
        const { rows } = await this.#client.call('datasets.items', { dataset: id, offset: 0, limit: 4 });
        const images = rows.map(({ image }) => image);
        this.cards = this.cards.map((card) => (card.id === id ? { ...card, thumbnails: images } : card));
      } catch {
        // The card shows an icon instead.
      }
    }
  }

  /** The id of the first that was recognised; null where something was not: `openError` says why. Loose pictures become one dataset. */
  async open(paths: readonly string[]): Promise<string | null> {
    this.opening = paths.length === 1 ? (paths[0] ?? '') : `${paths.length.toLocaleString('en')} files`;
    this.openError = null;
    try {
      const { datasets } = await this.#client.call('datasets.openAll', { paths: [...paths] });
      await this.load();
      return datasets[0]?.card.id ?? null;
    } catch (error) {
      this.openError = describe(error);
      return null;
    } finally {
      this.opening = null;
    }
  }

  /** Takes it off the list; opening its path again is the undo. */
  async forget(card: DatasetCard): Promise<() => Promise<void>> {
    await this.#client.call('datasets.forget', { dataset: card.id });
    await this.load();
    return async () => {
      await this.#client.call('datasets.open', { path: card.source });
      await this.load();
    };
  }

  stop(): void {
    this.#stop();
  }
}

type ItemsFilter = Pick<RequestOf<'datasets.items'>, 'label' | 'split' | 'search' | 'only'>;
type Problems = AnswerOf<'datasets.problems'>;

export class DatasetView {
  readonly id: string;
  details = $state.raw<DatasetDetails | null>(null);
  error = $state.raw<Described | null>(null);
  /** Counts by kind and whether a check was made; null until asked. */
  findings = $state.raw<Pick<Problems, 'checked' | 'counts' | 'total'> | null>(null);
  kind = $state.raw<ProblemKind | null>(null);
  filter = $state.raw<ItemsFilter>({});
  readonly items: PagedRows<DatasetItem>;
  readonly problems: PagedRows<DatasetProblem>;
  readonly #client: Client;

  constructor(client: Client, id: string) {
    this.id = id;
    this.#client = client;
    this.items = new PagedRows({
      fetch: (offset, limit) => client.call('datasets.items', { dataset: id, offset, limit, ...this.filter }),
      pageSize: 200,
    });
    this.problems = new PagedRows({ fetch: (offset, limit) => this.#problemRows(offset, limit), pageSize: 50 });
  }

  async load(): Promise<void> {
    try {
      this.details = await this.#client.call('datasets.inspect', { dataset: this.id });
      this.error = null;
    } catch (error) {
      this.error = describe(error);
      return;
    }
    if (this.items.loaded) this.items.refresh();
    else this.items.reset();
    this.problems.reset();
  }

  show(filter: ItemsFilter): void {
    this.filter = filter;
    this.items.reset();
  }

  showKind(kind: ProblemKind | null): void {
    this.kind = kind;
    this.problems.reset();
  }

  /** Decodes every picture; the id of the job. */
  async check(): Promise<string> {
    return (await this.#client.call('datasets.check', { dataset: this.id })).job;
  }

  /** Returns what takes it back. */
  async exclude(names: readonly string[], excluded: boolean): Promise<() => Promise<void>> {
    const set = async (to: boolean) => {
      await this.#client.call('datasets.exclude', { dataset: this.id, names: [...names], excluded: to });
      const changed = new Set(names);
      const mark = <Row extends { name: string; excluded: boolean }>(row: Row) =>
        changed.has(row.name) ? { ...row, excluded: to } : row;
      this.items.patch(mark);
      this.problems.patch(mark);
      await this.#refreshDetails();
    };
    await set(excluded);
    return () => set(!excluded);
  }

  /** Every file with a problem of these kinds in one go. */
  async excludeProblems(kinds: readonly ProblemKind[]): Promise<{ count: number; undo: () => Promise<void> }> {
    const { names } = await this.#client.call('datasets.excludeProblems', { dataset: this.id, kinds: [...kinds] });
    await this.#refreshAll();
    return {
      count: names.length,
      undo: async () => {
        await this.#client.call('datasets.exclude', { dataset: this.id, names, excluded: false });
        await this.#refreshAll();
      },
    };
  }

  async #problemRows(offset: number, limit: number): Promise<Problems> {
    const kind = this.kind === null ? {} : { kind: this.kind };
    const answer = await this.#client.call('datasets.problems', { dataset: this.id, ...kind, offset, limit });
    this.findings = { checked: answer.checked, counts: answer.counts, total: answer.total };
    return answer;
  }

  async #refreshAll(): Promise<void> {
    this.items.refresh();
    this.problems.refresh();
    await this.#refreshDetails();
  }

  async #refreshDetails(): Promise<void> {
    this.details = await this.#client.call('datasets.inspect', { dataset: this.id });
  }
}
