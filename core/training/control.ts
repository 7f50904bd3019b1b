/** Pause, resume and stop of a running job, from any host. */

export class TrainingControl {
  #paused = false;
  #stopped = false;
  #wake: (() => void)[] = [];

  /** Takes effect before the next step. */
  pause(): void {
    if (!this.#stopped) this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.#wakeAll();
  }

  /** Ends the job before the next step; it can be resumed later from its checkpoint. Also ends a pause. */
  stop(): void {
    this.#stopped = true;
    this.#paused = false;
    this.#wakeAll();
  }

  get paused(): boolean {
    return this.#paused;
  }

  get stopped(): boolean {
    return this.#stopped;
  }

  /** Resolves when the job is not paused (any more), or the signal is aborted. */
  async whenRunning(signal?: AbortSignal): Promise<void> {
    while (this.#paused && signal?.aborted !== true) {
      await new Promise<void>((resolve) => {
        this.#wake.push(resolve);
        signal?.addEventListener('abort', () => resolve(), { once: true });
      });
    }
  }

  #wakeAll(): void {
    for (const resolve of this.#wake.splice(0)) resolve();
  }
}
