/** One entry of the queue while it trains: turns what training tells into a status and events, metrics in batches. */
import type { RunManifest } from '../runs/manifest.ts';
import { RunFolder } from '../runs/run-folder.ts';
import { choicesOf } from '../jobs/form.ts';
import { trainRun, type TrainJob, type TrainJobEvent } from '../jobs/train-job.ts';
import { TrainingControl } from '../training/control.ts';
import type { AppSettings } from './settings.ts';
import { waitingStatus, type QueueEntry, type QueueEvent, type TrainingStatus } from './queue-entry.ts';
import { exists } from './trash.ts';
import path from 'node:path';

/** At most ten batches of metrics a second, and four updates of progress. */
const metricsEveryMs = 100;
const progressEveryMs = 250;

export interface RunResult {
  readonly state: 'finished' | 'stopped';
  readonly manifest: RunManifest | null;
  readonly imagesPerSecond: number | null;
}

export class ActiveRun {
  readonly entry: QueueEntry;
  readonly control = new TrainingControl();
  readonly #abort = new AbortController();
  readonly #tell: (event: QueueEvent) => void;
  #status: TrainingStatus;
  #rows: Record<string, number | null>[] = [];
  #lastMetrics = 0;
  #lastProgress = 0;
  #timer: NodeJS.Timeout | null = null;

  constructor(entry: QueueEntry, tell: (event: QueueEvent) => void) {
    this.entry = entry;
    this.#tell = tell;
    this.#status = { ...waitingStatus(entry), state: 'preparing' };
  }

  get status(): TrainingStatus {
    return this.#status;
  }

  pause(): void {
    this.control.pause();
  }

  resume(): void {
    this.control.resume();
  }

  /** Stops before the next step and saves; while data is prepared at once. */
  stop(): void {
    const computing = this.#status.state === 'running' || this.#status.state === 'paused';
    this.#change({ state: 'stopping' });
    this.control.stop();
    if (!computing) this.#abort.abort();
  }

  /** Throws what `trainRun` throws. */
  async go(settings: AppSettings, cacheDir: string): Promise<RunResult> {
    const { entry } = this;
    this.#change({});
    const resume = await exists(path.join(entry.dir, 'run.json'));
    try {
      const result = await trainRun({
        ...(await this.#wishes(resume)),
        out: entry.dir,
        name: entry.name,
        resume,
        threads: settings.threads ?? undefined,
        cacheDir,
        control: this.control,
        signal: this.#abort.signal,
        onEvent: (event) => this.#take(event),
      });
      this.#flush();
      const { manifest } = await RunFolder.open(entry.dir);
      return { state: result.state, manifest, imagesPerSecond: result.metrics?.['imagesPerSecond'] ?? null };
    } finally {
      if (this.#timer !== null) clearTimeout(this.#timer);
      this.#flush();
    }
  }

  async #wishes(resume: boolean): Promise<Partial<TrainJob>> {
    const { entry } = this;
    if (resume) {
      return {
        ...(entry.epochs !== null && { epochs: entry.epochs }),
        ...(entry.steps !== null && { steps: entry.steps }),
      };
    }
    if (entry.like !== null) {
      const { manifest } = await RunFolder.open(entry.like);
      return { data: manifest.dataset.source, device: manifest.device.name, like: manifest };
    }
    const choices = choicesOf(entry.preset ?? 'quick', entry.values);
    return { ...choices, data: entry.source ?? undefined, excludeFiles: entry.excludeFiles };
  }

  #change(patch: Partial<TrainingStatus>): void {
    // Once a person has said stop, only the end is news.
    const state = this.#status.state === 'stopping' ? { state: 'stopping' as const } : {};
    this.#status = { ...this.#status, ...patch, ...state };
    this.#tell({ kind: 'state', status: this.#status });
  }

  #take(event: TrainJobEvent): void {
    const { run } = this.entry;
    switch (event.kind) {
      case 'preparing':
      case 'calibrating': {
        const now = Date.now();
        const { done, total, secondsLeft } = event.progress;
        const progress = { done, total, secondsLeft };
        if (now - this.#lastProgress < progressEveryMs && done < total) {
          this.#status = { ...this.#status, progress };
          return;
        }
        this.#lastProgress = now;
        this.#change({ state: event.kind, progress });
        return;
      }
      case 'recommended':
      case 'prepared':
        return;
      case 'planned':
        this.#tell({ kind: 'runs' });
        this.#change({ device: event.manifest.device, steps: event.manifest.training.steps, progress: null });
        return;
      case 'started':
        this.#change({ state: 'running', step: event.step, steps: event.steps, stepsPerEpoch: event.stepsPerEpoch });
        return;
      case 'step':
        this.#status = {
          ...this.#status,
          step: event.step,
          steps: event.steps,
          secondsLeft: finite(event.secondsLeft),
        };
        this.#rows.push(finiteValues(event.metrics));
        this.#flushSoon();
        return;
      case 'samples':
        this.#tell({ kind: 'samples', run, step: event.step, content: event.content });
        return;
      case 'validated':
        this.#tell({
          kind: 'validated',
          run,
          step: event.step,
          metrics: finiteValues(event.metrics),
          best: event.best,
        });
        return;
      case 'checkpoint':
        this.#tell({ kind: 'checkpoint', run, step: event.step });
        return;
      case 'warning':
        // It stays with the run: in its manifest.
        this.#tell({ kind: 'runs' });
        return;
      case 'paused':
      case 'resumed':
        this.#flush();
        this.#change({ state: event.kind === 'paused' ? 'paused' : 'running', step: event.step });
        return;
      case 'finished':
      case 'stopped':
      case 'failed':
        // The end is told when the folder is closed and calibrated.
        this.#flush();
        this.#status = { ...this.#status, step: event.step };
    }
  }

  #flushSoon(): void {
    const wait = this.#lastMetrics + metricsEveryMs - Date.now();
    if (wait <= 0) this.#flush();
    else this.#timer ??= setTimeout(() => this.#flush(), wait);
  }

  #flush(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#rows.length === 0) return;
    this.#lastMetrics = Date.now();
    const { run, step, steps, secondsLeft } = this.#status;
    this.#tell({ kind: 'metrics', run, step, steps, secondsLeft, rows: this.#rows });
    this.#rows = [];
  }
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

function finiteValues(record: Readonly<Record<string, number>>): Record<string, number | null> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, finite(value)]));
}
