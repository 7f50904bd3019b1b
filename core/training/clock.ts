/** Speed and time left of a running job, from the times of its steps alone: pauses and writing do not count. */

/** Steps over which the speed is averaged. */
const MEMORY = 30;

export class StepClock {
  readonly #batch: number;
  #secondsPerStep = 0;
  #steps = 0;

  constructor(batch: number) {
    this.#batch = batch;
  }

  /** Notes a step's duration and returns images a second, smoothed. */
  note(seconds: number): number {
    this.#steps++;
    this.#secondsPerStep += (seconds - this.#secondsPerStep) / Math.min(this.#steps, MEMORY);
    return this.#batch / Math.max(this.#secondsPerStep, 1e-9);
  }

  /** Estimated seconds of so many more steps. */
  secondsFor(steps: number): number {
    return steps * this.#secondsPerStep;
  }
}
