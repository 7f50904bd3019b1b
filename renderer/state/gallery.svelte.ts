/**
 * Page 5: galleries of generated pictures, the pictures of those that are chosen, and what will be made next. What answers that come
 * late read is no `$derived`: one of a page that was left has gone stale.
 */
import type { GalleryCard, GalleryItem, GalleryWish, Nearest, RunCard, Undo } from '../../ipc/contract.ts';
import type { Client } from '../../ipc/client.ts';
import { GalleryMaker } from './gallery-maker.svelte.ts';
import { LatestOnly } from './latest-only.ts';
import { PagedRows } from './paged-rows.svelte.ts';
import { Selection } from './selection.svelte.ts';

const nearestCount = 8;

/** Which pictures are shown: of one gallery, or of every one. */
export interface GalleryView {
  readonly gallery: string | null;
  readonly favourites: boolean;
}

export class Gallery {
  runs = $state.raw<readonly RunCard[] | null>(null);
  error = $state.raw<unknown>(null);
  /** Id of the run whose galleries are shown; null: all. */
  run = $state<string | null>(null);
  galleries = $state.raw<readonly GalleryCard[] | null>(null);
  view = $state.raw<GalleryView>({ gallery: null, favourites: false });
  /** The gallery that is being made, and its job. */
  making = $state.raw<{ readonly gallery: string; readonly job: string } | null>(null);
  /** Position of the picture that is looked at; null: none. */
  position = $state<number | null>(null);
  nearest = $state.raw<readonly Nearest[] | null>(null);
  nearestError = $state.raw<unknown>(null);

  readonly items: PagedRows<GalleryItem>;
  readonly selection = new Selection<string>();
  readonly maker: GalleryMaker;
  readonly #client: Client;
  readonly #onerror: (error: unknown) => void;
  readonly #askNearest = new LatestOnly();

  /** `onerror` tells the person of what a call rejected with. */
  constructor(client: Client, onerror: (error: unknown) => void) {
    this.#client = client;
    this.#onerror = onerror;
    this.maker = new GalleryMaker(client, onerror);
    this.items = new PagedRows({
      fetch: (offset, limit) => {
        const { gallery, favourites } = this.view;
        return client.call('gallery.items', {
          ...(gallery === null ? {} : { gallery }),
          ...(gallery !== null || this.run === null ? {} : { run: this.run }),
          ...(favourites ? { favourites } : {}),
          offset,
          limit,
        });
      },
    });
  }

  /** Runs that have a checkpoint. */
  get usableRuns(): readonly RunCard[] {
    return (this.runs ?? []).filter((run) => run.usable);
  }

  /** Why the chosen model cannot make a kind of gallery, in a sentence; null where it can, and where none is chosen. */
  lacks(ability: keyof RunCard['lacks']): string | null {
    return this.runs?.find(({ id }) => id === this.maker.run)?.lacks[ability] ?? null;
  }

  /** The model that makes the next gallery; where it cannot make what was wished for, samples are. */
  chooseModel(run: string | null): void {
    this.maker.setRun(run);
    if (this.lacks(this.maker.kind) !== null) this.maker.kind = 'samples';
    if (this.lacks('inference') !== null) this.maker.useDrawnEnds();
  }

  /** The gallery that is shown, where it is one. */
  get card(): GalleryCard | null {
    return this.galleries?.find((card) => card.id === this.view.gallery) ?? null;
  }

  /** The picture that is looked at, once its page is here. */
  get item(): GalleryItem | undefined {
    return this.position === null ? undefined : this.items.at(this.position);
  }

  /** Listens to the core; gives back what ends that. */
  listen(): () => void {
    const stops = [
      this.#client.on('job.finished', (end) => this.#onJobEnd(end.job, end.subject)),
      this.#client.on('job.failed', (end) => this.#onJobEnd(end.job, null)),
      this.#client.on('library.changed', ({ what }) => {
        if (what === 'runs') void this.loadRuns();
        if (what === 'galleries') void this.#reload();
      }),
    ];
    return () => {
      for (const stop of stops) stop();
      this.maker.stop();
    };
  }

  async load(): Promise<void> {
    await Promise.all([this.loadRuns(), this.loadGalleries()]);
    this.items.reset();
  }

  async loadRuns(): Promise<void> {
    try {
      this.runs = await this.#client.call('runs.list', {});
      this.error = null;
      const { run } = this.maker;
      if (!this.usableRuns.some((usable) => usable.id === run)) this.chooseModel(this.#firstChoice());
    } catch (error) {
      this.error = error;
    }
  }

  /** The model that the page is about; else the newest that is through: one in training has little to show yet. */
  #firstChoice(): string | null {
    const { usableRuns } = this;
    const through = usableRuns.find(({ state }) => state !== 'running');
    return (usableRuns.find(({ id }) => id === this.run) ?? through ?? usableRuns[0])?.id ?? null;
  }

  async loadGalleries(): Promise<void> {
    try {
      this.galleries = await this.#client.call('gallery.list', this.run === null ? {} : { run: this.run });
      if (this.view.gallery !== null && this.card === null) this.show({ ...this.view, gallery: null });
    } catch (error) {
      this.error = error;
    }
  }

  async setRun(run: string | null): Promise<void> {
    this.run = run;
    if (run !== null && this.usableRuns.some((usable) => usable.id === run)) this.chooseModel(run);
    this.show({ ...this.view, gallery: null });
    await this.loadGalleries();
  }

  show(view: GalleryView): void {
    this.close();
    this.selection.clear();
    this.view = view;
    this.items.reset();
  }

  /** Makes and keeps a gallery; it is shown when it is ready. */
  async make(): Promise<void> {
    const { run } = this.maker;
    if (run === null) return;
    await this.#tried(async () => {
      this.making = await this.#client.call('gallery.make', { run, wish: this.maker.wish });
    });
  }

  async cancel(): Promise<void> {
    const job = this.making?.job;
    if (job !== undefined) await this.#tried(() => this.#client.call('jobs.cancel', { job }));
  }

  /** Lets the core choose, and makes it. */
  async surprise(): Promise<void> {
    await this.#tried(async () => {
      const { run, wish } = await this.#client.call('gallery.surprise', this.run === null ? {} : { run: this.run });
      this.chooseModel(run);
      this.maker.take(wish);
      await this.make();
    });
  }

  /** Opens, or goes to, a picture; the order stays while one is open. */
  open(position: number): void {
    this.items.freeze(true);
    this.position = Math.min(Math.max(0, position), Math.max(0, this.items.total - 1));
    this.nearest = null;
    this.nearestError = null;
  }

  move(by: number): void {
    if (this.position !== null) this.open(this.position + by);
  }

  close(): void {
    this.position = null;
    this.nearest = null;
    this.nearestError = null;
    this.#askNearest.clear();
    this.items.freeze(false);
  }

  /** Does the model copy? Fetches the training images most like a picture. */
  loadNearest(item: string): void {
    this.#askNearest.run(async () => {
      try {
        const nearest = await this.#client.call('gallery.nearest', { item, count: nearestCount });
        if (this.item?.id === item) this.nearest = nearest;
      } catch (error) {
        if (this.item?.id === item) this.nearestError = error;
      }
    });
  }

  async selectAll(): Promise<void> {
    await this.#tried(async () => {
      const rows = await this.items.between(0, this.items.total - 1);
      this.selection.replace(rows.map((row) => row.id));
    });
  }

  /** Shown at once, told to the core after. */
  async setFavourite(items: readonly string[], favourite: boolean): Promise<void> {
    if (items.length === 0) return;
    const chosen = new Set(items);
    const mark = (marked: boolean) => (row: GalleryItem) => (chosen.has(row.id) ? { ...row, favourite: marked } : row);
    this.items.patch(mark(favourite));
    try {
      await this.#client.call('gallery.favourite', { items: [...items], favourite });
      if (this.view.favourites) this.items.refresh();
    } catch (error) {
      this.items.patch(mark(!favourite));
      this.#onerror(error);
    }
  }

  /** Null where it failed; otherwise pass it to {@link restore}. */
  async removeItems(items: readonly string[]): Promise<Undo | null> {
    let undo: Undo | null = null;
    await this.#tried(async () => {
      undo = await this.#client.call('gallery.deleteItems', { items: [...items] });
      this.selection.remove(items);
      this.close();
      await this.#reload();
    });
    return undo;
  }

  async removeGallery(gallery: string): Promise<Undo | null> {
    let undo: Undo | null = null;
    await this.#tried(async () => {
      undo = await this.#client.call('gallery.delete', { galleries: [gallery] });
      if (this.view.gallery === gallery) this.show({ ...this.view, gallery: null });
      await this.#reload();
    });
    return undo;
  }

  async restore(undo: Undo): Promise<void> {
    await this.#client.call('trash.restore', { undo: undo.undo });
    await this.#reload();
  }

  /** Takes a wish out of a gallery's card, so that it can be made again or changed a little. */
  again(card: GalleryCard): void {
    this.chooseModel(card.run);
    const { kind, seed, temperature, count } = card;
    const wish: GalleryWish | null =
      kind === 'samples' && seed !== null && temperature !== null
        ? { kind, seed, temperature, count }
        : kind === 'reconstructions'
          ? // Every original counts as a picture of its own.
            { kind, seed: seed ?? 0, count: Math.min(256, Math.ceil(count / 2)) }
          : null;
    if (wish !== null) this.maker.take(wish);
  }

  async #reload(): Promise<void> {
    await this.loadGalleries();
    this.items.refresh();
  }

  #onJobEnd(job: string, gallery: string | null): void {
    if (job !== this.making?.job) return;
    this.making = null;
    void this.loadGalleries().then(() => {
      if (gallery !== null) this.show({ gallery, favourites: false });
    });
  }

  async #tried(act: () => Promise<unknown>): Promise<void> {
    try {
      await act();
    } catch (error) {
      this.#onerror(error);
    }
  }
}
