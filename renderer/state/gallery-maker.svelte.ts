/** What the next gallery shall be: kind, seed, temperature, count, ends; and a preview of it that is kept nowhere. */
import type { GalleryEnd, GalleryWish, ImageRef } from '../../ipc/contract.ts';
import type { Client } from '../../ipc/client.ts';
import { LatestOnly } from './latest-only.ts';

export const wishKinds = ['samples', 'reconstructions', 'interpolation'] as const;
export type WishKind = (typeof wishKinds)[number];

const previewCount = 8;
const largestSeed = 0xffff_ffff;

export const wishLimits = {
  samples: { least: 1, most: 1024 },
  reconstructions: { least: 1, most: 256 },
  interpolation: { least: 2, most: 121 },
} satisfies Record<WishKind, { least: number; most: number }>;

const within = (value: number, { least, most }: { least: number; most: number }): number =>
  Math.min(most, Math.max(least, Math.round(Number.isFinite(value) ? value : least)));

const drawn = (index: number): GalleryEnd => ({ kind: 'seed', seed: 1, index, temperature: 1 });

export class GalleryMaker {
  run = $state<string | null>(null);
  kind = $state<WishKind>('samples');
  seed = $state(1);
  temperature = $state(1);
  /** Pictures, or steps of an interpolation. */
  counts = $state<Readonly<Record<WishKind, number>>>({ samples: 64, reconstructions: 32, interpolation: 33 });
  /** Pictures to reconstruct; null: the run's own. */
  data = $state<string | null>(null);
  from = $state.raw<GalleryEnd>(drawn(0));
  to = $state.raw<GalleryEnd>(drawn(1));
  preview = $state.raw<readonly ImageRef[]>([]);
  previewError = $state.raw<string | null>(null);

  readonly wish: GalleryWish = $derived.by(() => {
    const { kind, seed, temperature, data, from, to } = this;
    const count = within(this.counts[kind], wishLimits[kind]);
    switch (kind) {
      case 'samples':
        return { kind, seed, temperature, count };
      case 'reconstructions':
        return { kind, seed, count, ...(data === null ? {} : { data }) };
      case 'interpolation':
        return { kind, from, to, steps: count };
    }
  });

  readonly #client: Client;
  readonly #onerror: (error: unknown) => void;
  readonly #ask = new LatestOnly();
  #timer: ReturnType<typeof setTimeout> | null = null;

  constructor(client: Client, onerror: (error: unknown) => void) {
    this.#client = client;
    this.#onerror = onerror;
  }

  setRun(run: string | null): void {
    if (run === this.run) return;
    this.run = run;
    this.preview = [];
    this.previewError = null;
  }

  setCount(count: number): void {
    this.counts = { ...this.counts, [this.kind]: within(count, wishLimits[this.kind]) };
  }

  setSeed(seed: number): void {
    this.seed = within(seed, { least: 0, most: largestSeed });
  }

  /** A seed from the clock of chance: which one it was stays to be seen, and makes the same pictures again. */
  roll(random: () => number = Math.random): void {
    this.seed = Math.floor(random() * 1_000_000);
  }

  /** Ends of an interpolation that need no inference model, in the place of given pictures. */
  useDrawnEnds(): void {
    if (this.from.kind !== 'seed') this.from = drawn(0);
    if (this.to.kind !== 'seed') this.to = drawn(1);
  }

  take(wish: GalleryWish): void {
    this.kind = wish.kind;
    switch (wish.kind) {
      case 'samples':
        this.seed = wish.seed;
        this.temperature = wish.temperature;
        this.setCount(wish.count);
        break;
      case 'reconstructions':
        this.seed = wish.seed;
        this.data = wish.data ?? null;
        this.setCount(wish.count);
        break;
      case 'interpolation':
        this.from = wish.from;
        this.to = wish.to;
        this.setCount(wish.steps);
        break;
    }
  }

  /** Asks for the preview a little later, so that a dragged slider asks once it rests. */
  schedulePreview(milliseconds = 250): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#loadPreview(), milliseconds);
  }

  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#ask.clear();
  }

  #loadPreview(): void {
    const { run, seed, temperature, kind } = this;
    if (run === null || kind !== 'samples') return;
    this.#ask.run(async () => {
      try {
        const answers = await this.#client.call('runs.samples', {
          runs: [run],
          seed,
          temperature,
          count: previewCount,
        });
        // Meanwhile something else may be wished for.
        if (run !== this.run || seed !== this.seed || temperature !== this.temperature) return;
        this.preview = answers[0]?.images ?? [];
        this.previewError = answers[0]?.error ?? null;
      } catch (error) {
        this.#onerror(error);
      }
    });
  }
}
