/** Logged metrics as series for charts, thinned so that no peak is lost. */
import type { MetricsRecord } from '../runs/metrics-log.ts';

export interface Series {
  readonly name: string;
  readonly steps: number[];
  /** Null where the value was not finite. */
  readonly values: (number | null)[];
}

export interface SeriesQuery {
  readonly maxPoints: number;
  readonly names?: readonly string[] | undefined;
  readonly fromStep?: number | undefined;
  readonly toStep?: number | undefined;
}

/** One series for each name; `step` is the axis. Records must be in order of step. */
export function seriesOf(records: readonly MetricsRecord[], query: SeriesQuery): Series[] {
  const { fromStep = -Infinity, toStep = Infinity, names } = query;
  const wanted = names === undefined ? null : new Set(names);
  const columns = new Map<string, Series>();
  for (const record of records) {
    if (record.step < fromStep || record.step > toStep) continue;
    for (const [name, value] of Object.entries(record)) {
      if (name === 'step' || (wanted !== null && !wanted.has(name))) continue;
      let column = columns.get(name);
      if (column === undefined) columns.set(name, (column = { name, steps: [], values: [] }));
      column.steps.push(record.step);
      column.values.push(Number.isFinite(value) ? value : null);
    }
  }
  return [...columns.values()].map((series) => thin(series, query.maxPoints));
}

/**
 * At most `most` points: the steps are cut into equal buckets, and each keeps its smallest and its largest value, in order. First and
 * last point stay; a bucket with a value that was not finite keeps one of those too, so that a gap stays a gap.
 */
export function thin({ name, steps, values }: Series, most: number): Series {
  if (steps.length <= most) return { name, steps, values };
  const buckets = Math.max(1, Math.floor((most - 2) / 3));
  const chosen = new Set<number>([0, steps.length - 1]);
  for (let bucket = 0; bucket < buckets; bucket++) {
    const start = Math.floor((bucket * steps.length) / buckets);
    const end = Math.floor(((bucket + 1) * steps.length) / buckets);
    let [low, high, gap] = [-1, -1, -1];
    for (let i = start; i < end; i++) {
      const value = values[i] ?? null;
      if (value === null) gap = i;
      else {
        if (low < 0 || value < (values[low] ?? 0)) low = i;
        if (high < 0 || value > (values[high] ?? 0)) high = i;
      }
    }
    for (const i of [low, high, gap]) if (i >= 0) chosen.add(i);
  }
  const order = [...chosen].sort((a, b) => a - b);
  return { name, steps: order.map((i) => steps[i] ?? 0), values: order.map((i) => values[i] ?? null) };
}
