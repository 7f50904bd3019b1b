/**
 * For questions asked at every move of a pointer: one is under way at a time, and of those that come meanwhile only the last is asked.
 */
export class LatestOnly {
  #running = false;
  #next: (() => Promise<void>) | null = null;

  /** `task` handles its own errors and gives up by itself what is out of date. */
  run(task: () => Promise<void>): void {
    this.#next = task;
    if (!this.#running) void this.#work();
  }

  /** Forgets what waits; what is under way ends. */
  clear(): void {
    this.#next = null;
  }

  async #work(): Promise<void> {
    this.#running = true;
    try {
      while (this.#next !== null) {
        const task = this.#next;
        this.#next = null;
        await task();
      }
    } finally {
      this.#running = false;
    }
  }
}

/** Calls `act` at most once in `milliseconds`, the first time at once, the last time always. */
export class Throttle {
  readonly #milliseconds: number;
  readonly #act: () => void;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #again = false;

  constructor(milliseconds: number, act: () => void) {
    this.#milliseconds = milliseconds;
    this.#act = act;
  }

  call(): void {
    if (this.#timer !== null) {
      this.#again = true;
      return;
    }
    this.#act();
    this.#timer = setTimeout(() => {
      this.#timer = null;
      if (!this.#again) return;
      this.#again = false;
      this.call();
    }, this.#milliseconds);
  }

  cancel(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#again = false;
  }
}
