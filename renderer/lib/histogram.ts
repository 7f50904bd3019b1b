/** Shapes and numbers of a histogram; no drawing here. */

export interface HistogramSeries {
  readonly name: string;
  /** One for each bin. */
  readonly counts: readonly number[];
  /** A CSS custom property such as `--normal`; absent: by position. */
  readonly colour?: string;
}

/** The outline of all bars as one SVG path. */
export function bars(
  counts: readonly number[],
  edges: readonly number[],
  xOf: (value: number) => number,
  yOf: (count: number) => number,
  floor: number,
): string {
  const round = (value: number) => Math.round(value * 100) / 100;
  let path = '';
  let open = false;
  counts.forEach((count, bin) => {
    const [from, to] = [round(xOf(edges[bin] ?? 0)), round(xOf(edges[bin + 1] ?? 0))];
    if (count > 0) {
      path += `${open ? '' : `M${from} ${floor}`}L${from} ${round(yOf(count))}H${to}`;
      open = true;
    }
    if (open && (count === 0 || bin === counts.length - 1)) {
      path += count === 0 ? `L${from} ${floor}Z` : `V${floor}Z`;
      open = false;
    }
  });
  return path;
}

export function binsCsv(edges: readonly number[], series: readonly HistogramSeries[]): string {
  const head = ['from', 'to', ...series.map(({ name }) => (name.includes(',') ? `"${name}"` : name))].join(',');
  const rows = edges
    .slice(0, -1)
    .map((edge, bin) => [edge, edges[bin + 1], ...series.map(({ counts }) => counts[bin] ?? 0)].join(','));
  return `${[head, ...rows].join('\n')}\n`;
}
