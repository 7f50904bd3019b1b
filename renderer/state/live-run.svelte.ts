/** One run as it trains: its lines, validations and picture steps. Fed by what is recorded, then by events. */
import type { Client } from '../../ipc/client.ts';
import { describe, type Described } from '../lib/errors.ts';
import type { Points, Range } from '../lib/charts.ts';
import { SeriesStore } from '../lib/series-store.ts';
import { refined } from '../pages/runs/steps.ts';

const maxPoints = 3000;

export class LiveRun {
  readonly run: string;
  /** Counts the changes of the lines, at most one for each animation frame. */
  version = $state(0);
  samples = $state.raw<readonly number[]>([]);
  reconstructions = $state.raw<readonly number[]>([]);
  best = $state.raw<number | null>(null);
  checkpoint = $state.raw<number | null>(null);
  error = $state.raw<Described | null>(null);
  /** Steps that the charts are zoomed to; null: all. */
  zoom = $state.raw<Range | null>(null);
  /** What was recorded within the zoomed steps, with as many points as the whole has. */
  #fine = $state.raw<ReadonlyMap<string, Points>>(new Map());
  #zooms = 0;
  readonly #store = new SeriesStore();
  readonly #stops: (() => void)[];
  readonly #client: Client;
  #asked = false;

  constructor(client: Client, run: string) {
    this.run = run;
    this.#client = client;
    this.#stops = [
      client.on('training.metrics', (event) => {
        if (event.run !== run) return;
        this.#store.add(event.rows);
        this.#changed();
      }),
      client.on('training.validated', (event) => {
        if (event.run !== run) return;
        this.#store.addAt(event.step, event.metrics);
        if (event.best) this.best = event.step;
        this.#changed();
      }),
      client.on('training.samples', (event) => {
        if (event.run === run) this[event.content] = withStep(this[event.content], event.step);
      }),
      client.on('training.checkpoint', (event) => {
        if (event.run === run) this.checkpoint = event.step;
      }),
    ];
    void this.load();
  }

  /** What was recorded before this window looked. */
  async load(): Promise<void> {
    try {
      const [metrics, details] = await Promise.all([
        this.#client.call('runs.metrics', { run: this.run, maxPoints }),
        this.#client.call('runs.get', { run: this.run }),
      ]);
      this.#store.load(metrics.series, metrics.lastStep);
      this.samples = details.samples.reduce(withStep, this.samples);
      this.reconstructions = details.reconstructions.reduce(withStep, this.reconstructions);
      this.best = details.card.best?.step ?? null;
      this.checkpoint = details.checkpoints.at(-1) ?? null;
      this.error = null;
    } catch (error) {
      // A run that waits has no folder yet; its first steps come as events.
      const described = describe(error);
      this.error = this.#store.lastStep > 0 ? null : described;
    }
    this.#changed();
  }

  /** Reading it depends on {@link version}. */
  points(name: string): Points {
    if (this.version < 0) return [];
    const points = this.#store.points(name);
    const fine = this.#fine.get(name);
    return fine === undefined ? points : refined(points, fine);
  }

  /** Zooms the charts; what is recorded between the drawn points is asked for. */
  async zoomTo(wanted: Range | null): Promise<void> {
    const range = wanted === null ? null : { from: Math.floor(wanted.from), to: Math.ceil(wanted.to) };
    const zooms = ++this.#zooms;
    this.zoom = range;
    this.#fine = new Map();
    if (range === null) return;
    const asked = { run: this.run, maxPoints, fromStep: Math.max(0, range.from), toStep: Math.max(0, range.to) };
    // Without an answer the coarser lines are still right.
    const answer = await this.#client.call('runs.metrics', asked).catch(() => null);
    if (zooms !== this.#zooms || answer === null) return;
    this.#fine = new Map(
      answer.series.map(({ name, steps, values }) => [
        name,
        steps.map((step, at) => [step, values[at] ?? null] as const),
      ]),
    );
  }

  names(): string[] {
    return this.version >= 0 ? this.#store.names() : [];
  }

  stop(): void {
    for (const stop of this.#stops) stop();
  }

  #changed(): void {
    if (this.#asked) return;
    this.#asked = true;
    requestAnimationFrame(() => {
      this.#asked = false;
      this.version += 1;
    });
  }
}

function withStep(steps: readonly number[], step: number): readonly number[] {
  return steps.includes(step) ? steps : [...steps, step].sort((a, b) => a - b);
}
