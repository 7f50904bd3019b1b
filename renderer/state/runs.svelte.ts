/** Page 3's list: the runs, how they are sorted, filtered and selected, and what is done to them. */
import type { Client } from '../../ipc/client.ts';
import type { EventOf, RunCard, Undo } from '../../ipc/contract.ts';
import { allTags, matches, nextSort, sorted, type ColumnKey, type Sort } from '../pages/runs/table.ts';
import { rangeBetween } from '../pages/runs/selection.ts';

export class RunsState {
  readonly #client: Client;
  #stops: (() => void)[] = [];
  /** Answers of an older question that come late are dropped. */
  #asked = 0;
  /** Where a range by Shift begins. */
  #anchor: string | null = null;

  cards = $state.raw<readonly RunCard[]>([]);
  loading = $state(true);
  error = $state.raw<unknown>(null);

  text = $state('');
  state = $state.raw<RunCard['state'] | null>(null);
  tag = $state.raw<string | null>(null);
  sort = $state.raw<Sort>({ key: 'created', direction: 'descending' });
  selected = $state.raw<ReadonlySet<string>>(new Set());

  readonly tags = $derived(allTags(this.cards));
  readonly visible = $derived(
    sorted(
      this.cards.filter((card) => matches(card, { text: this.text, state: this.state, tag: this.tag })),
      this.sort,
    ),
  );
  /** The selected ones in the order of the table; what the filter hides is not acted upon. */
  readonly chosen = $derived(this.visible.filter((card) => this.selected.has(card.id)));
  readonly filtered = $derived(this.text.trim() !== '' || this.state !== null || this.tag !== null);

  constructor(client: Client) {
    this.#client = client;
  }

  /** Loads, and keeps itself up to date until {@link close}. */
  open(): void {
    this.close();
    this.#stops = [
      this.#client.on('library.changed', ({ what }) => {
        if (what === 'runs' || what === 'trash') void this.load();
      }),
      this.#client.on('training.state', (status) => this.#follow(status)),
      this.#client.on('training.samples', ({ run, content, image }) => {
        if (content === 'samples') this.#patch(run, { image });
      }),
      this.#client.on('training.metrics', ({ run, step, rows }) => this.#progress(run, step, rows)),
    ];
    void this.load();
  }

  close(): void {
    for (const stop of this.#stops) stop();
    this.#stops = [];
  }

  async load(): Promise<void> {
    const asked = ++this.#asked;
    try {
      const cards = await this.#client.call('runs.list', {});
      if (asked !== this.#asked) return;
      this.cards = cards;
      this.error = null;
      const known = new Set(cards.map((card) => card.id));
      if ([...this.selected].some((id) => !known.has(id))) {
        this.selected = new Set([...this.selected].filter((id) => known.has(id)));
      }
      if (this.tag !== null && !this.tags.includes(this.tag)) this.tag = null;
    } catch (error) {
      if (asked === this.#asked) this.error = error;
    } finally {
      if (asked === this.#asked) this.loading = false;
    }
  }

  find(id: string): RunCard | undefined {
    return this.cards.find((card) => card.id === id);
  }

  sortBy(key: ColumnKey): void {
    this.sort = nextSort(this.sort, key);
  }

  clearFilter(): void {
    this.text = '';
    this.state = null;
    this.tag = null;
  }

  /** `range`: everything between the last one clicked and this one, as with Shift. */
  select(id: string, on: boolean, range = false): void {
    const next = new Set(this.selected);
    const ids = range && this.#anchor !== null ? rangeBetween(this.visible, this.#anchor, id) : [id];
    for (const each of ids) {
      if (on) next.add(each);
      else next.delete(each);
    }
    this.#anchor = id;
    this.selected = next;
  }

  selectAll(on: boolean): void {
    this.selected = new Set(on ? this.visible.map((card) => card.id) : []);
  }

  async rename(run: string, name: string): Promise<void> {
    await this.#change(run, { name: name.trim() }, () => this.#client.call('runs.rename', { run, name }));
  }

  async setTags(run: string, tags: string[]): Promise<void> {
    await this.#change(run, { tags }, () => this.#client.call('runs.tag', { run, tags }));
  }

  /** Moves runs to the trash; what comes back undoes it by {@link restore}. */
  async remove(ids: readonly string[]): Promise<Undo> {
    const undo = await this.#client.call('runs.delete', { runs: [...ids] });
    this.selected = new Set([...this.selected].filter((id) => !ids.includes(id)));
    this.cards = this.cards.filter((card) => !ids.includes(card.id));
    await this.load();
    return undo;
  }

  async restore(undo: string): Promise<void> {
    await this.#client.call('trash.restore', { undo });
    await this.load();
  }

  async add(path: string): Promise<RunCard> {
    const card = await this.#client.call('runs.add', { path });
    await this.load();
    return card;
  }

  /** Queues an exact repetition; the id of the new run. */
  async reproduce(run: string): Promise<string> {
    const { run: id } = await this.#client.call('runs.reproduce', { run });
    await this.load();
    return id;
  }

  /** Shows a change at once and takes it back if it fails. */
  async #change(run: string, change: Partial<RunCard>, call: () => Promise<unknown>): Promise<void> {
    const before = this.find(run);
    this.#patch(run, change);
    try {
      await call();
    } catch (error) {
      if (before !== undefined) this.#patch(run, before);
      throw error;
    }
  }

  #patch(run: string, change: Partial<RunCard>): void {
    this.cards = this.cards.map((card) => (card.id === run ? { ...card, ...change } : card));
  }

  #follow(status: EventOf<'training.state'>): void {
    const card = this.find(status.run);
    // States of the queue that a card does not know ("preparing") make a difference only to the list as a whole.
    if (card === undefined || status.state === 'finished' || status.state === 'failed' || status.state === 'stopped') {
      void this.load();
    } else if (status.state === 'running' && card.state !== 'running') {
      this.#patch(status.run, { state: 'running', step: status.step, steps: status.steps });
    }
  }

  #progress(run: string, step: number, rows: EventOf<'training.metrics'>['rows']): void {
    const card = this.find(run);
    const last = rows.at(-1);
    if (card === undefined || last === undefined) return;
    this.#patch(run, { step, metrics: { ...card.metrics, ...last } });
  }
}
