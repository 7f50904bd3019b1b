/** The long jobs that run now (checks, exports, …), by subject and kind; `jobs.finished(id)` waits for one. */
import type { EventOf, Job } from '../../ipc/contract.ts';
import { call, listen } from '../lib/host.ts';

type Finished = EventOf<'job.finished'>;

/** What {@link Jobs.finished} rejects with; `code` is `cancelled` when the person cancelled it. */
export class JobError extends Error {
  override readonly name = 'JobError';
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

interface Waiting {
  readonly resolve: (end: Finished) => void;
  readonly reject: (error: JobError) => void;
}

class Jobs {
  running = $state.raw<readonly Job[]>([]);
  readonly #waiting = new Map<string, Waiting>();
  /** Ends that came before anybody asked: a short job may be through before its id has arrived. */
  readonly #ended = new Map<string, Finished | JobError>();

  start(): void {
    listen('job.progress', (job) => {
      const others = this.running.filter((each) => each.job !== job.job);
      this.running = [...others, job];
    });
    listen('job.finished', (end) => this.#end(end.job, end));
    listen('job.failed', (end) => this.#end(end.job, new JobError(end.code, end.message)));
    void this.load();
  }

  async load(): Promise<void> {
    try {
      this.running = await call('jobs.list', {});
    } catch {
      this.running = [];
    }
  }

  of(kind: Job['kind'], subject: string): Job | undefined {
    return this.running.find((job) => job.kind === kind && job.subject === subject);
  }

  finished(job: string): Promise<Finished> {
    const known = this.#ended.get(job);
    if (known !== undefined) return known instanceof JobError ? Promise.reject(known) : Promise.resolve(known);
    return new Promise((resolve, reject) => this.#waiting.set(job, { resolve, reject }));
  }

  async cancel(job: string): Promise<void> {
    await call('jobs.cancel', { job });
  }

  #end(id: string, end: Finished | JobError): void {
    this.running = this.running.filter((job) => job.job !== id);
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    this.#ended.set(id, end);
    if (end instanceof JobError) waiting?.reject(end);
    else waiting?.resolve(end);
  }
}

export const jobs = new Jobs();
