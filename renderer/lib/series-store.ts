/**
 * Metrics of a run as lines that grow. Beyond a bound, the older half of the detail goes: of every four points the least and the
 * greatest stay, so that a run of a million steps costs no more than one of a few thousand.
 */
import type { MetricsRow, Series } from '../../ipc/contract.ts';
import type { Points } from './charts.ts';

type Point = readonly [number, number | null];

export class SeriesStore {
  readonly #lines = new Map<string, Point[]>();
  readonly #bound: number;
  #lastStep = 0;

  constructor(bound = 12_000) {
    this.#bound = bound;
  }

  get lastStep(): number {
    return this.#lastStep;
  }

  names(): string[] {
    return [...this.#lines.keys()];
  }

  /** The same array until it is thinned: give a chart a new series object to have it drawn anew. */
  points(name: string): Points {
    return this.#lines.get(name) ?? [];
  }

  /** Takes what was recorded before; rows that came meanwhile and are newer stay. */
  load(series: readonly Series[], lastStep: number): void {
    for (const { name, steps, values } of series) {
      const newer = (this.#lines.get(name) ?? []).filter(([step]) => step > lastStep);
      const old = steps.map((step, at): Point => [step, values[at] ?? null]);
      this.#lines.set(name, [...old, ...newer]);
    }
    this.#lastStep = Math.max(this.#lastStep, lastStep);
  }

  add(rows: readonly MetricsRow[]): void {
    for (const row of rows) {
      const step = row['step'];
      if (typeof step !== 'number') continue;
      // A resumed run repeats the steps since its checkpoint.
      if (step <= this.#lastStep) this.#cut(step);
      this.#lastStep = step;
      for (const [name, value] of Object.entries(row)) {
        if (name !== 'step') this.#push(name, [step, value]);
      }
    }
  }

  /** Values beside the steps' own, such as those of a validation. */
  addAt(step: number, values: Readonly<Record<string, number | null>>): void {
    for (const [name, value] of Object.entries(values)) {
      if (name === 'step') continue;
      const line = this.#lines.get(name);
      if (line?.at(-1)?.[0] === step) line.pop();
      this.#push(name, [step, value]);
    }
  }

  clear(): void {
    this.#lines.clear();
    this.#lastStep = 0;
  }

  #push(name: string, point: Point): void {
    const line = this.#lines.get(name);
    if (line === undefined) this.#lines.set(name, [point]);
    else {
      line.push(point);
      if (line.length > this.#bound) this.#lines.set(name, thin(line));
    }
  }

  #cut(step: number): void {
    for (const [name, line] of this.#lines) {
      if ((line.at(-1)?.[0] ?? -1) < step) continue;
      this.#lines.set(
        name,
        line.filter(([each]) => each < step),
      );
    }
  }
}

/** Least and greatest of every four points, in their order; the newest quarter stays whole. */
function thin(line: readonly Point[]): Point[] {
  const whole = Math.floor(line.length * 0.75);
  const kept: Point[] = [];
  for (let at = 0; at < whole; at += 4) {
    const group = line.slice(at, Math.min(whole, at + 4));
    const real = group.filter((point): point is readonly [number, number] => point[1] !== null);
    const first = real[0] ?? group[0];
    if (first === undefined) continue;
    const least = real.reduce((best, point) => (point[1] < (best[1] ?? Infinity) ? point : best), first);
    const most = real.reduce((best, point) => (point[1] > (best[1] ?? -Infinity) ? point : best), first);
    if (least === most) kept.push(least);
    else kept.push(...(least[0] < most[0] ? [least, most] : [most, least]));
  }
  return [...kept, ...line.slice(whole)];
}
