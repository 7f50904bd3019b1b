/** Page 4: the runs that can score, the sessions of one, and the session that is open. Raw scores never change here. */
import type {
  EventOf,
  PictureLabel,
  RequestOf,
  ResultFilter,
  RunCard,
  ScoreName,
  ScoreRow,
  Session,
  SessionMetrics,
  Undo,
} from '../../ipc/contract.ts';
import type { Client } from '../../ipc/client.ts';
import { Throttle } from './latest-only.ts';
import { PagedRows } from './paged-rows.svelte.ts';
import { ScoringPicture } from './scoring-picture.svelte.ts';
import { ScoringThreshold } from './scoring-threshold.svelte.ts';
import { Selection } from './selection.svelte.ts';

export type ResultSort = RequestOf<'scoring.results'>['sort'];

/** While results stream in, what is shown follows this often, in milliseconds. */
const rowsEvery = 500;
const chartsEvery = 1500;
/** Metrics rest for so many times what they took. */
const metricsRest = 10;

export class Scoring {
  runs = $state.raw<readonly RunCard[] | null>(null);
  /** Why runs or sessions could not be fetched. */
  error = $state.raw<unknown>(null);
  run = $state.raw<RunCard | null>(null);
  sessions = $state.raw<readonly Session[]>([]);
  session = $state.raw<Session | null>(null);
  metrics = $state.raw<SessionMetrics | null>(null);
  sort = $state<ResultSort>('most-anomalous');
  filter = $state.raw<ResultFilter>({});
  secondsLeft = $state<number | null>(null);
  /** Between the drop and the session. */
  starting = $state(false);

  readonly rows: PagedRows<ScoreRow>;
  /** Indices of pictures in the open session. */
  readonly selection = new Selection<number>();
  readonly threshold: ScoringThreshold;
  readonly picture: ScoringPicture;
  /** Runs that have a checkpoint. */
  readonly usableRuns = $derived((this.runs ?? []).filter((run) => run.usable));

  /** While results stream in, the time before which metrics are not asked for again. */
  #metricsAgain = 0;
  readonly #client: Client;
  readonly #onerror: (error: unknown) => void;
  readonly #rowsThrottle = new Throttle(rowsEvery, () => this.rows.refresh());
  readonly #chartsThrottle = new Throttle(chartsEvery, () => void this.#refreshCharts());

  /** `onerror` tells the person of what a call rejected with. */
  constructor(client: Client, onerror: (error: unknown) => void) {
    this.#client = client;
    this.#onerror = onerror;
    this.rows = new PagedRows({
      fetch: async (offset, limit) => {
        const session = this.session?.id;
        if (session === undefined) return { total: 0, rows: [] };
        return client.call('scoring.results', { session, sort: this.sort, filter: this.filter, offset, limit });
      },
    });
    this.threshold = new ScoringThreshold(client, onerror);
    this.picture = new ScoringPicture(client, this.rows);
  }

  /** Listens to the core; gives back what ends that. */
  listen(): () => void {
    const stops = [
      this.#client.on('scoring.progress', (event) => this.#onProgress(event)),
      this.#client.on('scoring.session', (session) => this.#onSession(session)),
      this.#client.on('library.changed', ({ what }) => {
        if (what === 'runs') void this.loadRuns();
        if (what === 'sessions') void this.loadSessions();
      }),
    ];
    return () => {
      for (const stop of stops) stop();
      this.#rowsThrottle.cancel();
      this.#chartsThrottle.cancel();
    };
  }

  async loadRuns(): Promise<void> {
    try {
      this.runs = await this.#client.call('runs.list', {});
      this.error = null;
      const chosen = this.run?.id;
      if (chosen !== undefined) this.run = this.runs.find((run) => run.id === chosen) ?? null;
    } catch (error) {
      this.error = error;
    }
  }

  async chooseRun(run: RunCard | null): Promise<void> {
    if (run?.id !== this.run?.id) {
      await this.openSession(null);
      this.sessions = [];
    }
    this.run = run;
    await this.loadSessions();
  }

  async loadSessions(): Promise<void> {
    const run = this.run?.id;
    if (run === undefined) return;
    try {
      const sessions = await this.#client.call('scoring.sessions', { run });
      if (this.run?.id === run) this.sessions = sessions;
    } catch (error) {
      this.error = error;
    }
  }

  async openSession(session: Session | null): Promise<void> {
    if (session?.id === this.session?.id) return;
    this.picture.close();
    this.selection.clear();
    this.metrics = null;
    this.secondsLeft = null;
    this.filter = {};
    this.sort = 'most-anomalous';
    this.#apply(session);
    if (session === null) return;
    this.rows.reset();
    await this.#refreshCharts();
  }

  /** Scores files and folders with the chosen run, in a new session. Gives its id; null where it could not be started. */
  async score(inputs: readonly string[], title?: string): Promise<string | null> {
    const run = this.run?.id;
    if (run === undefined || inputs.length === 0) return null;
    this.starting = true;
    try {
      const named = title === undefined ? {} : { title };
      const { session } = await this.#client.call('scoring.start', { run, inputs: [...inputs], ...named });
      await this.loadSessions();
      return session;
    } catch (error) {
      this.#onerror(error);
      return null;
    } finally {
      this.starting = false;
    }
  }

  /** Stops the open session's scoring; what is scored stays. */
  async cancel(): Promise<void> {
    await this.#inSession(async (session) => {
      const jobs = await this.#client.call('jobs.list', {});
      const job = jobs.find((other) => other.kind === 'score' && other.subject === session)?.job;
      if (job !== undefined) await this.#client.call('jobs.cancel', { job });
    });
  }

  async setScore(score: ScoreName): Promise<void> {
    await this.#inSession(async (session) => {
      const changed = await this.#client.call('scoring.setScore', { session, score });
      if (this.session?.id !== session) return;
      this.threshold.clear();
      this.#apply(changed);
      this.rows.reset();
      await this.#refreshCharts();
    });
  }

  setSort(sort: ResultSort): void {
    this.sort = sort;
    this.rows.reset();
  }

  setFilter(filter: ResultFilter): void {
    this.filter = filter;
    this.rows.reset();
  }

  /** Keeps a rule; predictions of all rows follow from it. */
  async keepThreshold(rule: RequestOf<'scoring.threshold'>['rule']): Promise<void> {
    if (!(await this.threshold.keep(rule))) return;
    this.rows.refresh();
    this.#chartsThrottle.call();
  }

  async selectAll(): Promise<void> {
    await this.#inSession(async (session) => {
      const { items } = await this.#client.call('scoring.select', { session, filter: this.filter });
      this.selection.replace(items);
    });
  }

  /** Marks pictures; shown at once, told to the core after. Null takes the mark away. */
  async label(items: readonly number[], label: PictureLabel): Promise<void> {
    if (items.length === 0) return;
    const marked = new Set(items);
    this.rows.patch((row) => (marked.has(row.index) && row.label !== label ? { ...row, label } : row));
    this.picture.relabel(marked, label);
    await this.#inSession(async (session) => {
      const { labels } = await this.#client.call('scoring.label', { session, items: [...items], label });
      if (this.session?.id !== session) return;
      this.session = { ...this.session, labels };
      if (this.filter.label !== undefined) this.rows.refresh();
      this.#chartsThrottle.call();
    });
  }

  async rename(session: string, title: string): Promise<void> {
    await this.#tried(() => this.#client.call('scoring.rename', { session, title }));
    await this.loadSessions();
    if (this.session?.id === session) this.session = { ...this.session, title };
  }

  /** Null where it failed; otherwise pass it to {@link restore}. */
  async remove(session: string): Promise<Undo | null> {
    let undo: Undo | null = null;
    await this.#tried(async () => {
      undo = await this.#client.call('scoring.delete', { session });
      if (this.session?.id === session) await this.openSession(null);
      await this.loadSessions();
    });
    return undo;
  }

  async restore(undo: Undo): Promise<void> {
    await this.#client.call('trash.restore', { undo: undo.undo });
    await this.loadSessions();
    this.rows.refresh();
  }

  #apply(session: Session | null): void {
    this.session = session;
    this.threshold.open(session?.id ?? null);
    if (session === null) return;
    this.threshold.total = session.scored;
    this.threshold.heldOutTotal = session.heldOut?.count ?? 0;
    this.threshold.kept = { rule: session.rule, value: session.threshold?.value ?? null };
  }

  async #refreshCharts(): Promise<void> {
    const session = this.session;
    if (session === null) return;
    await this.threshold.refresh();
    if (session.labels.normal + session.labels.anomalous === 0 && this.metrics === null) return;
    // Of 100,000 pictures they take the core a moment, in which it does not score.
    if (session.state === 'running' && Date.now() < this.#metricsAgain) return;
    const asked = Date.now();
    try {
      const metrics = await this.#client.call('scoring.metrics', { session: session.id });
      if (this.session?.id === session.id) this.metrics = metrics;
      this.#metricsAgain = Date.now() + metricsRest * (Date.now() - asked);
    } catch (error) {
      this.#onerror(error);
    }
  }

  #onProgress(event: EventOf<'scoring.progress'>): void {
    const { session: id, total, scored, skipped, anomalous, labels } = event;
    const counts = (session: Session): Session => ({ ...session, total, scored, skipped, anomalous, labels });
    this.sessions = this.sessions.map((session) => (session.id === id ? counts(session) : session));
    if (this.session?.id !== id) return;
    this.session = counts(this.session);
    this.secondsLeft = event.secondsLeft;
    this.threshold.total = scored;
    this.#rowsThrottle.call();
    this.#chartsThrottle.call();
  }

  #onSession(session: Session): void {
    this.sessions = this.sessions.map((other) => (other.id === session.id ? session : other));
    if (this.session?.id !== session.id) return;
    const ended = this.session.state === 'running' && session.state !== 'running';
    const rescored = this.session.score !== session.score;
    this.#apply(session);
    if (rescored) this.rows.reset();
    else if (ended) this.rows.refresh();
    if (ended || rescored) void this.#refreshCharts();
  }

  async #inSession(act: (session: string) => Promise<void>): Promise<void> {
    const session = this.session?.id;
    if (session !== undefined) await this.#tried(() => act(session));
  }

  async #tried(act: () => Promise<unknown>): Promise<void> {
    try {
      await act();
    } catch (error) {
      this.#onerror(error);
    }
  }
}
