/** What is looked at of one run or several: their charts, their settings and how these differ. */
import type { Client } from '../../../ipc/client.ts';
import type { RunDetails, Series } from '../../../ipc/contract.ts';
import type { Range } from '../../lib/charts.ts';
import { describe } from '../../lib/errors.ts';
import { chartable, defaultMetrics, metricInfo, type MetricInfo } from './metrics.ts';
import type { DifferenceRow } from './difference.ts';
import { refined, unionOfSteps } from './steps.ts';

/** Enough for twice the pixels of a wide chart; buckets keep their extremes. */
const pointsPerSeries = 2000;
/** The contract's limit. */
const mostPoints = 20_000;
/** While a run that is shown trains, its charts are asked for again so often. */
const refreshMilliseconds = 4000;

export interface ChartSeries {
  /** The run. */
  readonly id: string;
  readonly name: string;
  readonly points: readonly (readonly [number, number | null])[];
}
export interface Chart {
  readonly info: MetricInfo;
  readonly series: ChartSeries[];
  /** Names of the runs that do not log it: methods have different networks and losses. */
  readonly without: readonly string[];
}

export class ComparisonState {
  readonly #client: Client;
  #stops: (() => void)[] = [];
  #asked = 0;
  /** Of runs that were there once, for when they are gone. */
  readonly #names = new Map<string, string>();
  /** Runs with more records than points are drawn of them. */
  #thinned: ReadonlySet<string> = new Set();
  #refresh: ReturnType<typeof setTimeout> | null = null;

  runs = $state.raw<readonly string[]>([]);
  details = $state.raw<ReadonlyMap<string, RunDetails>>(new Map());
  logged = $state.raw<ReadonlyMap<string, readonly Series[]>>(new Map());
  differences = $state.raw<readonly DifferenceRow[]>([]);
  /** Runs that are asked for and are not there any more. */
  missing = $state.raw<readonly string[]>([]);
  loading = $state(true);
  error = $state.raw<unknown>(null);
  /** Steps that all charts are zoomed to; null: everything. */
  zoom = $state.raw<Range | null>(null);
  /** Finer series within the zoomed steps. */
  #fine = $state.raw<ReadonlyMap<string, readonly Series[]>>(new Map());
  #zooms = 0;
  /** Null until a person chooses: then the default ones. */
  chosen = $state.raw<readonly string[] | null>(null);

  readonly available = $derived(
    chartable([...this.logged.values()].flatMap((all) => all.map((series) => series.name))),
  );
  readonly metrics = $derived(
    (this.chosen ?? defaultMetrics(this.available)).filter((key) => this.available.some((info) => info.key === key)),
  );
  readonly charts = $derived(
    this.metrics.map((key): Chart => {
      const series = this.#seriesOf(key);
      const without = this.present.filter((run) => !series.some(({ id }) => id === run));
      return { info: metricInfo(key), series, without: without.map((run) => this.name(run)) };
    }),
  );
  readonly sampleSteps = $derived(unionOfSteps(this.#all.map((run) => run.samples)));
  readonly reconstructionSteps = $derived(unionOfSteps(this.#all.map((run) => run.reconstructions)));
  /** Whether the grids kept while training show the same latent vectors in every run. */
  readonly sameLatents = $derived(
    new Set(this.#all.map(({ card }) => `${card.seed} ${card.nets.latent}`)).size <= 1 &&
      // A method that cannot go between samples has no latent vectors.
      this.#all.every(({ card }) => card.lacks.interpolation === null),
  );

  constructor(client: Client) {
    this.#client = client;
  }

  /** The runs that are there, in their order. */
  get present(): string[] {
    return this.runs.filter((run) => this.details.has(run));
  }

  /** The details that are loaded, in the order of the runs. */
  get #all(): RunDetails[] {
    return this.runs.flatMap((run) => this.details.get(run) ?? []);
  }

  open(runs: readonly string[]): void {
    this.close();
    if (runs.join() !== this.runs.join()) {
      this.details = new Map();
      this.logged = new Map();
      this.differences = [];
      this.loading = true;
    }
    this.runs = [...runs];
    this.#stops = [
      this.#client.on('training.metrics', ({ run }) => this.#later(run)),
      this.#client.on('training.samples', ({ run }) => this.#later(run)),
      this.#client.on('library.changed', ({ what }) => {
        if (what === 'runs') void this.load();
      }),
    ];
    void this.load();
  }

  close(): void {
    for (const stop of this.#stops) stop();
    this.#stops = [];
    if (this.#refresh !== null) clearTimeout(this.#refresh);
    this.#refresh = null;
  }

  async load(): Promise<void> {
    const asked = ++this.#asked;
    const runs = this.runs;
    try {
      const found = await Promise.all(runs.map((run) => this.#known(run)));
      const details = found.filter((each) => each !== null);
      const there = details.map(({ card }) => card.id);
      const [logged, differences] = await Promise.all([
        Promise.all(there.map((run) => this.#client.call('runs.metrics', { run, maxPoints: pointsPerSeries }))),
        there.length > 1 ? this.#client.call('runs.difference', { runs: there }) : [],
      ]);
      if (asked !== this.#asked) return;
      for (const { card } of details) this.#names.set(card.id, card.name);
      this.details = new Map(details.map((each) => [each.card.id, each]));
      this.logged = new Map(there.map((run, index) => [run, logged[index]?.series ?? []]));
      this.#thinned = new Set(there.filter((_, index) => (logged[index]?.records ?? 0) > pointsPerSeries));
      this.differences = differences;
      this.missing = runs.filter((run) => !there.includes(run));
      this.error = null;
    } catch (error) {
      if (asked === this.#asked) this.error = error;
    } finally {
      if (asked === this.#asked) this.loading = false;
    }
  }

  /** Null where the run is not in the collection any more. */
  async #known(run: string): Promise<RunDetails | null> {
    try {
      return await this.#client.call('runs.get', { run });
    } catch (error) {
      if (describe(error).code === 'library/unknown-run') return null;
      throw error;
    }
  }

  /** Adds a chart or takes it away; charts stay in the order in which they are offered. */
  show(key: string, on: boolean): void {
    const next = new Set(this.metrics);
    if (on) next.add(key);
    else next.delete(key);
    this.chosen = this.available.map((info) => info.key).filter((each) => next.has(each));
  }

  /** Zooms all charts; the runs' points within are asked for again, as many as the whole has. */
  zoomTo(wanted: Range | null): void {
    // Whole steps: there is nothing between them, and the axis reads better.
    const range = wanted === null ? null : { from: Math.floor(wanted.from), to: Math.ceil(wanted.to) };
    this.zoom = range;
    this.#fine = new Map();
    const zooms = ++this.#zooms;
    if (range !== null) void this.#refine(range, zooms);
  }

  /** A metric of every run with as many points as can be had at once: for a table to keep. */
  async whole(key: string): Promise<ChartSeries[]> {
    const answers = await Promise.all(
      this.present.map(async (run) =>
        this.#thinned.has(run)
          ? (await this.#client.call('runs.metrics', { run, maxPoints: mostPoints, names: [key] })).series
          : (this.logged.get(run) ?? []),
      ),
    );
    return this.present.flatMap((run, at) => {
      const series = answers[at]?.find((each) => each.name === key);
      return series === undefined ? [] : [{ id: run, name: this.name(run), points: pointsOf(series) }];
    });
  }

  /** Its name; with its number in the comparison where another run has the same one. */
  name(run: string): string {
    const name = this.details.get(run)?.card.name;
    if (name === undefined) return this.#names.get(run) ?? `Run ${run.slice(0, 6)}`;
    const namesakes = this.#all.filter(({ card }) => card.name === name);
    return namesakes.length > 1 ? `${name} (${this.runs.indexOf(run) + 1})` : name;
  }

  #seriesOf(key: string): ChartSeries[] {
    return this.runs.flatMap((run) => {
      const series = this.logged.get(run)?.find((each) => each.name === key);
      if (series === undefined) return [];
      const fine = this.#fine.get(run)?.find((each) => each.name === key);
      const points = refined(pointsOf(series), fine === undefined ? [] : pointsOf(fine));
      return [{ id: run, name: this.name(run), points }];
    });
  }

  async #refine({ from, to }: Range, zooms: number): Promise<void> {
    const asked = { maxPoints: pointsPerSeries, fromStep: from, toStep: to };
    const thinned = this.runs.filter((run) => this.#thinned.has(run));
    try {
      const answers = await Promise.all(thinned.map((run) => this.#client.call('runs.metrics', { run, ...asked })));
      if (zooms === this.#zooms) this.#fine = new Map(thinned.map((run, at) => [run, answers[at]?.series ?? []]));
    } catch {
      // The coarser lines are still right; an error will be told by whatever is asked next.
    }
  }

  #later(run: string): void {
    if (this.#refresh !== null || !this.runs.includes(run)) return;
    this.#refresh = setTimeout(() => {
      this.#refresh = null;
      void this.load();
    }, refreshMilliseconds);
  }
}

function pointsOf({ steps, values }: Series): [number, number | null][] {
  return steps.map((step, index) => [step, values[index] ?? null]);
}
