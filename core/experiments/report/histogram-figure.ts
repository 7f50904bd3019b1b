/** Histograms of several sets of images over one another, as in the paper's Figure 3: SVG that stands alone, and the same as CSV. */
import { histogram } from '../../evaluation/histogram.ts';
import { quantile } from '../../evaluation/quantile.ts';
import { ticks } from '../../scoring/report/chart.ts';
import { escapeHtml, formatNumber } from '../../scoring/report/html.ts';
import { csvField } from './csv.ts';

export interface NamedValues {
  readonly name: string;
  readonly values: ArrayLike<number>;
}

export interface HistogramFigure {
  readonly title: string;
  /** What the values are. */
  readonly axis: string;
  /** Drawn in every panel, behind the others. */
  readonly reference: NamedValues;
  /** One panel each. */
  readonly others: readonly NamedValues[];
  readonly bins?: number;
}

interface Binned {
  readonly name: string;
  /** Share of the set's values by bin. */
  readonly shares: readonly number[];
  /** Share outside the axis. */
  readonly outside: number;
}

const panel = { width: 360, height: 220, left: 46, right: 10, top: 34, bottom: 42 } as const;
const columns = 2;
// Blue and orange are told apart by people who do not see red and green; the outline helps in print.
const colours = { reference: '#35618e', other: '#d9772b' } as const;

/** Axis over the middle 99.8 % of all values, so that one far image does not squeeze all others into one bin. */
function rangeOf(sets: readonly NamedValues[]): [number, number] {
  const lows = sets.map(({ values }) => quantile(values, 0.001));
  const highs = sets.map(({ values }) => quantile(values, 0.999));
  const [low, high] = [Math.min(...lows), Math.max(...highs)];
  return low < high ? [low, high] : [low - 0.5, high + 0.5];
}

function panelSvg(reference: Binned, other: Binned, edges: readonly number[], axis: string): string {
  const base = panel.height - panel.bottom;
  const low = edges[0] ?? 0;
  const high = edges.at(-1) ?? 1;
  const x = (value: number): number =>
    panel.left + ((value - low) / (high - low)) * (panel.width - panel.left - panel.right);
  const tallest = Math.max(...reference.shares, ...other.shares, 1e-9);
  const y = (share: number): number => base - (share / tallest) * (base - panel.top);
  const area = ({ shares }: Binned): string => {
    const steps = shares.flatMap((share, i) => {
      const at = y(share).toFixed(1);
      return [`${x(edges[i] ?? 0).toFixed(1)},${at}`, `${x(edges[i + 1] ?? 0).toFixed(1)},${at}`];
    });
    return [`${x(low).toFixed(1)},${base}`, ...steps, `${x(high).toFixed(1)},${base}`].join(' ');
  };
  const marks = ticks(low, high, 4)
    .map((tick) => `<text x="${x(tick).toFixed(1)}" y="${base + 16}" text-anchor="middle">${formatNumber(tick)}</text>`)
    .join('');
  const heights = ticks(0, 100 * tallest, 3)
    .map(
      (tick) =>
        `<text x="${panel.left - 6}" y="${(y(tick / 100) + 4).toFixed(1)}" text-anchor="end">${formatNumber(tick)} %</text>`,
    )
    .join('');
  const key = (left: number, colour: string, name: string): string =>
    `<rect x="${left}" y="12" width="12" height="10" fill="${colour}" fill-opacity="0.55" stroke="${colour}"/>` +
    `<text x="${left + 17}" y="21">${escapeHtml(name)}</text>`;
  return (
    key(panel.left, colours.reference, reference.name) +
    key((panel.left + panel.width) / 2, colours.other, other.name) +
    marks +
    heights +
    `<polygon points="${area(reference)}" fill="${colours.reference}" fill-opacity="0.55" stroke="${colours.reference}"/>` +
    `<polygon points="${area(other)}" fill="${colours.other}" fill-opacity="0.45" stroke="${colours.other}"/>` +
    `<line x1="${panel.left}" x2="${panel.width - panel.right}" y1="${base}" y2="${base}" stroke="#666a73"/>` +
    `<text x="${(panel.left + panel.width - panel.right) / 2}" y="${panel.height - 6}" text-anchor="middle">${escapeHtml(axis)}</text>`
  );
}

/** Throws `evaluation/length` for an empty set and `evaluation/not-a-number`. */
export function histogramFigure(request: HistogramFigure): { readonly svg: string; readonly csv: string } {
  const { title, axis, reference, others, bins = 60 } = request;
  const sets = [reference, ...others];
  const range = rangeOf(sets);
  let edges: readonly number[] = [];
  const binned = sets.map(({ name, values }): Binned => {
    const counted = histogram(values, { bins, range });
    edges = counted.edges;
    return {
      name,
      shares: counted.counts.map((count) => count / values.length),
      outside: counted.outside / values.length,
    };
  });
  const [first, ...rest] = binned as [Binned, ...Binned[]];
  const used = Math.min(columns, Math.max(1, rest.length));
  const rows = Math.max(1, Math.ceil(rest.length / used));
  const [width, height] = [used * panel.width, rows * panel.height + 26];
  const panels = rest
    .map((other, i) => {
      const [left, top] = [(i % used) * panel.width, 26 + Math.floor(i / used) * panel.height];
      return `<g transform="translate(${left} ${top})">${panelSvg(first, other, edges, axis)}</g>`;
    })
    .join('\n');
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="system-ui, sans-serif" font-size="12" role="img">
<title>${escapeHtml(title)}</title><rect width="100%" height="100%" fill="#ffffff"/>
<g fill="#22242a"><text x="${panel.left}" y="19" font-size="14" font-weight="600">${escapeHtml(title)}</text>
${panels}</g></svg>
`;
  const header = ['from', 'to', ...binned.map(({ name }) => name)].map(csvField).join(',');
  const lines = first.shares.map((_, i) =>
    [edges[i] ?? 0, edges[i + 1] ?? 0, ...binned.map(({ shares }) => shares[i] ?? 0)].join(','),
  );
  const outside = ['outside', '', ...binned.map((set) => String(set.outside))].join(',');
  return { svg, csv: `${[header, ...lines, outside].join('\r\n')}\r\n` };
}
