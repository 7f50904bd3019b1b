/**
 * A long list that stays in the core: pages of it are fetched as they come into view, and the least lately seen are dropped, so that
 * a list of 100,000 rows costs a window what a few thousand do. Nothing here is deeply reactive: one counter tells of news.
 */
export interface RowWindow<Row> {
  readonly total: number;
  readonly rows: readonly Row[];
}

export interface PagedRowsOptions<Row> {
  readonly fetch: (offset: number, limit: number) => Promise<RowWindow<Row>>;
  readonly pageSize?: number;
  /** Pages kept at most. */
  readonly keep?: number;
}

interface Page<Row> {
  readonly rows: readonly Row[];
  /** Rows of an older generation are still shown while newer ones are on their way. */
  readonly generation: number;
}

/** Fetches under way at a time, and pages that wait: someone who scrolls past a page no longer wants it. */
const maxInFlight = 2;
const maxWaiting = 6;
/** The most that the contract gives in one answer. */
const maxLimit = 1000;

export class PagedRows<Row> {
  total = $state(0);
  /** False until the first answer after {@link reset}. */
  loaded = $state(false);
  error = $state.raw<unknown>(null);
  #version = $state(0);
  readonly #fetch: PagedRowsOptions<Row>['fetch'];
  readonly #pageSize: number;
  readonly #keep: number;
  #pages = new Map<number, Page<Row>>();
  #waiting: number[] = [];
  readonly #inFlight = new Set<number>();
  readonly #failed = new Set<number>();
  #generation = 0;
  /** Answers to questions of an earlier epoch are thrown away. */
  #epoch = 0;
  #pumping = false;
  #frozen = false;
  #refreshWhenThawed = false;

  constructor({ fetch, pageSize = 120, keep = 40 }: PagedRowsOptions<Row>) {
    this.#fetch = fetch;
    this.#pageSize = pageSize;
    this.#keep = keep;
  }

  /** The row at a position, or undefined while it is fetched. Reactive; safe to call from a template. */
  at(position: number): Row | undefined {
    // Read for its own sake: whoever shows the row is told of news.
    if (this.#version < 0 || position < 0) return undefined;
    const number = Math.floor(position / this.#pageSize);
    const page = this.#pages.get(number);
    if (page !== undefined) {
      this.#pages.delete(number);
      this.#pages.set(number, page);
    }
    if (page?.generation !== this.#generation) this.#want(number);
    return page?.rows[position - number * this.#pageSize];
  }

  /** Another list altogether: forgets everything and fetches the first page. */
  reset(): void {
    this.#epoch += 1;
    this.#pages.clear();
    this.#inFlight.clear();
    this.#failed.clear();
    this.#waiting = [];
    this.loaded = false;
    this.total = 0;
    this.error = null;
    this.#version += 1;
    this.#want(0);
  }

  /** The same list, which may have changed: what is seen stays until newer rows have come. */
  refresh(): void {
    if (this.#frozen) {
      this.#refreshWhenThawed = true;
      return;
    }
    this.#generation += 1;
    this.#failed.clear();
    this.error = null;
    this.#version += 1;
    this.#want(0);
  }

  /** While frozen, positions keep their rows: for someone who walks through pictures one by one. */
  freeze(frozen: boolean): void {
    this.#frozen = frozen;
    if (frozen || !this.#refreshWhenThawed) return;
    this.#refreshWhenThawed = false;
    this.refresh();
  }

  /** Changes rows at once, before the core has confirmed it; `change` gives back the same row where nothing changes. */
  patch(change: (row: Row) => Row): void {
    for (const [number, page] of this.#pages) {
      const rows = page.rows.map(change);
      if (rows.some((row, index) => row !== page.rows[index])) this.#pages.set(number, { ...page, rows });
    }
    this.#version += 1;
  }

  /** Rows of a span of positions (both ends included), fetched where they are not at hand. */
  async between(first: number, last: number): Promise<Row[]> {
    const rows: Row[] = [];
    const from = Math.max(0, Math.min(first, last));
    const to = Math.min(this.total - 1, Math.max(first, last));
    for (let position = from; position <= to;) {
      const number = Math.floor(position / this.#pageSize);
      const page = this.#pages.get(number);
      const within = position - number * this.#pageSize;
      if (page !== undefined && within < page.rows.length) {
        const taken = page.rows.slice(within, within + to - position + 1);
        rows.push(...taken);
        position += taken.length;
        continue;
      }
      const answer = await this.#fetch(position, Math.min(maxLimit, to - position + 1));
      if (answer.rows.length === 0) break;
      rows.push(...answer.rows);
      position += answer.rows.length;
    }
    return rows;
  }

  /** The position of a row among those at hand, or -1. */
  positionOf(matches: (row: Row) => boolean): number {
    for (const [number, page] of this.#pages) {
      const within = page.rows.findIndex(matches);
      if (within >= 0) return number * this.#pageSize + within;
    }
    return -1;
  }

  #want(number: number): void {
    if (this.#inFlight.has(number) || this.#failed.has(number)) return;
    this.#waiting = [...this.#waiting.filter((other) => other !== number), number].slice(-maxWaiting);
    if (this.#pumping) return;
    this.#pumping = true;
    // Not at once: this runs inside templates, where state must not change.
    queueMicrotask(() => {
      this.#pumping = false;
      this.#pump();
    });
  }

  #pump(): void {
    while (this.#inFlight.size < maxInFlight) {
      const number = this.#waiting.pop();
      if (number === undefined) return;
      void this.#load(number);
    }
  }

  async #load(number: number): Promise<void> {
    const epoch = this.#epoch;
    const generation = this.#generation;
    this.#inFlight.add(number);
    try {
      const answer = await this.#fetch(number * this.#pageSize, this.#pageSize);
      if (epoch !== this.#epoch) return;
      this.#pages.delete(number);
      this.#pages.set(number, { rows: answer.rows, generation });
      this.total = answer.total;
      this.loaded = true;
      this.#forget();
    } catch (error) {
      if (epoch !== this.#epoch) return;
      this.#failed.add(number);
      this.error = error;
    }
    this.#inFlight.delete(number);
    this.#version += 1;
    this.#pump();
  }

  #forget(): void {
    for (const number of this.#pages.keys()) {
      if (this.#pages.size <= this.#keep) return;
      this.#pages.delete(number);
    }
  }
}
