/** Long jobs that a call starts: their progress and end are told as events, and they can be cancelled. */
import { randomBytes } from 'node:crypto';
import type { AppEvent, Job } from './contract.ts';

export interface JobReport {
  readonly signal: AbortSignal;
  /** At most five events a second; the last one always comes. */
  readonly progress: (
    stage: string,
    progress: { readonly done: number; readonly total: number; readonly secondsLeft: number | null },
  ) => void;
}

export interface JobEnd {
  /** A sentence for the notice; empty where none is needed. */
  readonly message: string;
  readonly files?: readonly string[];
}

const everyMs = 200;

export class JobBoard {
  readonly #emit: (event: AppEvent) => void;
  readonly #describe: (error: unknown) => { code: string; message: string };
  readonly #running = new Map<string, { job: Job; abort: AbortController }>();

  constructor(emit: (event: AppEvent) => void, describe: (error: unknown) => { code: string; message: string }) {
    this.#emit = emit;
    this.#describe = describe;
  }

  list(): Job[] {
    return [...this.#running.values()].map(({ job }) => job);
  }

  cancel(id: string): void {
    this.#running.get(id)?.abort.abort();
  }

  /** Starts `work` in the next turn, so that the caller has its answer before the first event. */
  start(kind: Job['kind'], subject: string, work: (report: JobReport) => Promise<JobEnd>): string {
    const id = randomBytes(8).toString('hex');
    const abort = new AbortController();
    const entry = { job: { job: id, kind, stage: '', subject, progress: null } as Job, abort };
    this.#running.set(id, entry);
    let last = 0;
    const report: JobReport = {
      signal: abort.signal,
      progress: (stage, { done, total, secondsLeft }) => {
        entry.job = { ...entry.job, stage, progress: { done, total, secondsLeft } };
        const now = Date.now();
        if (now - last < everyMs && done < total) return;
        last = now;
        this.#emit({ event: 'job.progress', payload: entry.job });
      },
    };
    setImmediate(() => {
      work(report)
        .then(({ message, files }) => {
          this.#running.delete(id);
          this.#emit({
            event: 'job.finished',
            payload: { job: id, kind, subject, message, files: [...(files ?? [])] },
          });
        })
        .catch((error: unknown) => {
          this.#running.delete(id);
          this.#emit({ event: 'job.failed', payload: { job: id, kind, subject, ...this.#describe(error) } });
        });
    });
    return id;
  }

  cancelAll(): void {
    for (const id of this.#running.keys()) this.cancel(id);
  }
}
