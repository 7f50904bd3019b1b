/** Progress of a long job on standard error: a bar on a terminal, sparse lines elsewhere. */

export interface ProgressStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

export interface ProgressOptions {
  /** What is going on: "Training". */
  readonly label: string;
  /** What is counted: "steps". */
  readonly unit: string;
  readonly total: number;
  /** Count that was done before, for a resumed job; it does not enter the speed. */
  readonly start?: number;
}

const barWidth = 24;
const terminalInterval = 100;
const plainInterval = 15_000;

/** `1:02:03`, `2:05`, `0:09` */
export function formatSeconds(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const two = (value: number) => String(value).padStart(2, '0');
  const minutes = Math.floor(whole / 60);
  const tail = two(whole % 60);
  return minutes < 60 ? `${minutes}:${tail}` : `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${tail}`;
}

export class Progress {
  readonly #stream: ProgressStream;
  readonly #options: ProgressOptions;
  readonly #now: () => number;
  readonly #began: number;
  #shown = -Infinity;
  #width = 0;
  #shownTenth = -1;

  /** `now` in milliseconds. */
  constructor(stream: ProgressStream, options: ProgressOptions, now: () => number = () => performance.now()) {
    this.#stream = stream;
    this.#options = options;
    this.#now = now;
    this.#began = now();
  }

  /** Shows that `done` of the total are done; `detail` is appended. Cheap enough for every step. */
  update(done: number, detail = ''): void {
    const now = this.#now();
    const share = this.#options.total > 0 ? Math.min(1, done / this.#options.total) : 1;
    if (this.#stream.isTTY === true) {
      if (now - this.#shown < terminalInterval && done < this.#options.total) return;
      this.#shown = now;
      this.#overwrite(this.#line(done, share, detail));
      return;
    }
    // A line at each tenth, and now and then in between.
    const tenth = Math.floor(share * 10);
    if (tenth === this.#shownTenth && now - this.#shown < plainInterval) return;
    this.#shown = now;
    this.#shownTenth = tenth;
    this.#stream.write(`${this.#line(done, share, detail)}\n`);
  }

  /** Ends the bar's line; to be called once, also when the job fails. */
  finish(): void {
    if (this.#width > 0) this.#stream.write('\n');
    this.#width = 0;
  }

  /** Takes the bar away so that a line may be written, which the next update puts below it. */
  clear(): void {
    if (this.#width > 0) this.#stream.write(`\r${' '.repeat(this.#width)}\r`);
    this.#width = 0;
    this.#shown = -Infinity;
  }

  #line(done: number, share: number, detail: string): string {
    const { label, unit, total } = this.#options;
    const filled = Math.round(share * barWidth);
    const bar = this.#stream.isTTY === true ? ` [${'#'.repeat(filled)}${'.'.repeat(barWidth - filled)}]` : '';
    const parts = [`${label}${bar} ${Math.floor(share * 100)} %`, `${done}/${total} ${unit}`, this.#time(done)];
    return [...parts, detail].filter((part) => part !== '').join(', ');
  }

  #time(done: number): string {
    const seconds = (this.#now() - this.#began) / 1000;
    const own = done - (this.#options.start ?? 0);
    if (done >= this.#options.total) return `${formatSeconds(seconds)} in all`;
    // The first moments (compiling, filling caches) say little of the speed.
    return own <= 0 || seconds < 1 ? '' : `${formatSeconds((seconds / own) * (this.#options.total - done))} left`;
  }

  #overwrite(line: string): void {
    const text = line.slice(0, (this.#stream.columns ?? 80) - 1);
    this.#stream.write(`\r${text.padEnd(this.#width)}`);
    this.#width = text.length;
  }
}
