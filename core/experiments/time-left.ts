/** How long an experiment will still take, from the cells that are done and the speed of the one that runs. */
import type { CellStage } from './types.ts';

export interface SecondsLeft {
  readonly cellSecondsLeft: number | null;
  readonly secondsLeft: number | null;
}

export class TimeLeft {
  /** Seconds of finished cells. */
  readonly #cells: number[];
  readonly #now: () => number;
  #began = 0;
  #waiting = 0;
  #stage: CellStage | null = null;
  #stageBegan = 0;

  /** `now` in milliseconds. */
  constructor(cells: readonly number[], now: () => number = () => performance.now()) {
    this.#cells = [...cells];
    this.#now = now;
  }

  /** A cell begins, and `waiting` come after it. */
  begin(waiting: number): void {
    this.#began = this.#now();
    this.#waiting = waiting;
    this.#stage = null;
  }

  /** The cell is done. */
  end(): void {
    this.#cells.push((this.#now() - this.#began) / 1000);
  }

  /** Training decides; of the stages before it nothing is known of the whole. */
  left(stage: CellStage, done: number, total: number, stageSeconds: number | null): SecondsLeft {
    const now = this.#now();
    if (stage !== this.#stage) [this.#stage, this.#stageBegan] = [stage, now];
    const spent = (now - this.#stageBegan) / 1000;
    const share = total > 0 ? Math.min(1, done / total) : 1;
    const cell = stageSeconds ?? (share > 0 && spent > 0 ? (spent / share) * (1 - share) : null);
    const known = this.#cells.length > 0;
    if (stage === 'preparing' || cell === null) return { cellSecondsLeft: null, secondsLeft: null };
    const mean = this.#cells.reduce((sum, seconds) => sum + seconds, 0) / Math.max(1, this.#cells.length);
    // A resumed cell began in the middle: its whole is what its speed says, not what this process spent.
    const whole = known ? mean : stage === 'training' && share < 1 ? cell / (1 - share) : (now - this.#began) / 1000;
    return { cellSecondsLeft: cell, secondsLeft: cell + this.#waiting * whole };
  }
}
