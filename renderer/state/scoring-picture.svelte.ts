/** The picture that is looked at: its place in the sorted list, its details, and the training images most like it. */
import type { Nearest, PictureDetail, PictureLabel, ScoreRow } from '../../ipc/contract.ts';
import type { Client } from '../../ipc/client.ts';
import { LatestOnly } from './latest-only.ts';
import type { PagedRows } from './paged-rows.svelte.ts';

const nearestCount = 4;
/** Details of pictures seen lately: going back costs no call. */
const kept = 50;

export class ScoringPicture {
  /** Null: closed. */
  position = $state<number | null>(null);
  detail = $state.raw<PictureDetail | null>(null);
  nearest = $state.raw<readonly Nearest[] | null>(null);
  error = $state.raw<unknown>(null);
  nearestError = $state.raw<unknown>(null);

  readonly #client: Client;
  readonly #rows: PagedRows<ScoreRow>;
  readonly #askDetail = new LatestOnly();
  readonly #askNearest = new LatestOnly();
  readonly #details = new Map<string, PictureDetail>();

  constructor(client: Client, rows: PagedRows<ScoreRow>) {
    this.#client = client;
    this.#rows = rows;
  }

  /** The row in the list; undefined while its page is fetched. No `$derived`: answers that come late read it. */
  get row(): ScoreRow | undefined {
    return this.position === null ? undefined : this.#rows.at(this.position);
  }

  /** Opens, or goes to, a position; the list keeps its order until the picture is closed. */
  open(position: number): void {
    this.#rows.freeze(true);
    this.position = Math.min(Math.max(0, position), Math.max(0, this.#rows.total - 1));
  }

  /** Goes so many pictures on (or back); stays at the ends. */
  move(by: number): void {
    if (this.position !== null) this.open(this.position + by);
  }

  close(): void {
    this.position = null;
    this.detail = null;
    this.nearest = null;
    this.error = null;
    this.nearestError = null;
    this.#rows.freeze(false);
  }

  /** Fetches what belongs to a picture; called when the row under {@link position} is known. */
  load(session: string, index: number): void {
    this.error = null;
    this.nearestError = null;
    const key = `${session}/${index}`;
    const known = this.#details.get(key);
    if (this.detail?.index !== index) this.nearest = null;
    if (known !== undefined) this.detail = known;
    this.#askDetail.run(async () => {
      try {
        const detail = await this.#client.call('scoring.picture', { session, index });
        this.#remember(key, detail);
        if (this.row?.index === index) this.detail = detail;
      } catch (error) {
        if (this.row?.index === index) this.error = error;
      }
    });
    this.#askNearest.run(async () => {
      try {
        const nearest = await this.#client.call('scoring.nearest', { session, index, count: nearestCount });
        if (this.row?.index === index) this.nearest = nearest;
      } catch (error) {
        if (this.row?.index === index) this.nearestError = error;
      }
    });
  }

  relabel(items: ReadonlySet<number>, label: PictureLabel): void {
    if (this.detail !== null && items.has(this.detail.index)) this.detail = { ...this.detail, label };
    for (const [key, detail] of this.#details) {
      if (items.has(detail.index)) this.#details.set(key, { ...detail, label });
    }
  }

  #remember(key: string, detail: PictureDetail): void {
    this.#details.delete(key);
    this.#details.set(key, detail);
    for (const oldest of this.#details.keys()) {
      if (this.#details.size <= kept) return;
      this.#details.delete(oldest);
    }
  }
}
