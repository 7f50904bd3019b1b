/** What a line chart does to its numbers: thinning to the screen's pixels, smoothing, searching, CSV. No drawing here. */

/** x ascending; y null where there is no value (a gap in the line). */
export type Points = readonly (readonly [number, number | null])[];

export interface ChartSeries {
  readonly name: string;
  readonly points: Points;
  /** A CSS custom property such as `--series-2`; absent: by position. */
  readonly colour?: string;
}

export interface Range {
  readonly from: number;
  readonly to: number;
}

/** Index of the first point whose x is at least `x`; the length where there is none. */
export function firstAtLeast(points: Points, x: number): number {
  let low = 0;
  let high = points.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((points[middle]?.[0] ?? Infinity) < x) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The point nearest to `x`; undefined where there are none. */
export function nearestPoint(points: Points, x: number): readonly [number, number | null] | undefined {
  const at = firstAtLeast(points, x);
  const after = points[at];
  const before = points[at - 1];
  if (after === undefined || before === undefined) return after ?? before;
  return x - before[0] <= after[0] - x ? before : after;
}

/** Extent of x over all series; null where there are no points. */
export function extent(series: readonly ChartSeries[]): Range | null {
  let from = Infinity;
  let to = -Infinity;
  for (const { points } of series) {
    from = Math.min(from, points[0]?.[0] ?? Infinity);
    to = Math.max(to, points.at(-1)?.[0] ?? -Infinity);
  }
  return from <= to ? { from, to } : null;
}

/**
 * At most four points for each of `pixels` columns: the first, the smallest, the largest and the last, so that no spike is lost.
 * The neighbours just outside the range are kept, so that lines run to the chart's edge.
 */
export function decimate(points: Points, { from, to }: Range, pixels: number): Points {
  const start = Math.max(0, firstAtLeast(points, from) - 1);
  let end = firstAtLeast(points, to);
  while (end < points.length && (points[end]?.[0] ?? Infinity) <= to) end += 1;
  end = Math.min(points.length, end + 1);
  if (end - start <= pixels * 4 || to <= from) return points.slice(start, end);
  const kept: (readonly [number, number | null])[] = [];
  const column = (x: number) => Math.floor(((x - from) / (to - from)) * pixels);
  let at = start;
  while (at < end) {
    const bucket = column(points[at]?.[0] ?? 0);
    let least = -1;
    let most = -1;
    let gap = -1;
    const first = at;
    for (; at < end && column(points[at]?.[0] ?? 0) === bucket; at++) {
      const y = points[at]?.[1] ?? null;
      if (y === null) gap = at;
      else {
        if (least < 0 || y < (points[least]?.[1] ?? 0)) least = at;
        if (most < 0 || y > (points[most]?.[1] ?? 0)) most = at;
      }
    }
    const chosen = [...new Set([first, least, most, gap, at - 1])].filter((index) => index >= 0).sort((a, b) => a - b);
    for (const index of chosen) {
      const point = points[index];
      if (point !== undefined) kept.push(point);
    }
  }
  return kept;
}

/** Exponential mean whose weights halve every `halfLife` units of x; without the bias of its beginning. Gaps stay gaps. */
export function smooth(points: Points, halfLife: number): Points {
  if (halfLife <= 0) return points;
  let sum = 0;
  let weight = 0;
  let previous: number | null = null;
  return points.map(([x, y]) => {
    if (y === null) return [x, null];
    const decay: number = 0.5 ** (Math.max(previous === null ? 1 : x - previous, 1e-9) / halfLife);
    previous = x;
    sum = sum * decay + y * (1 - decay);
    weight = weight * decay + (1 - decay);
    return [x, sum / weight];
  });
}

const cell = (text: string) => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

/** One row for each x that occurs, one column for each series; empty where a series has no value there. */
export function toCsv(xLabel: string, series: readonly ChartSeries[]): string {
  const rows = new Map<number, string[]>();
  series.forEach(({ points }, column) => {
    for (const [x, y] of points) {
      const row = rows.get(x) ?? series.map(() => '');
      if (y !== null) row[column] = String(y);
      rows.set(x, row);
    }
  });
  const lines = [...rows].sort(([a], [b]) => a - b).map(([x, values]) => [String(x), ...values].join(','));
  return `${[[xLabel, ...series.map(({ name }) => name)].map(cell).join(','), ...lines].join('\n')}\n`;
}
