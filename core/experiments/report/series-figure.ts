/** One figure by epoch for several scores: SVG that stands alone, and the same as CSV. Energies swing; a table of means hides it. */
import { ticks } from '../../scoring/report/chart.ts';
import { escapeHtml, formatNumber } from '../../scoring/report/html.ts';
import { csvField } from './csv.ts';

export interface Series {
  readonly name: string;
  /** As long as `steps`. */
  readonly values: readonly number[];
}

export interface SeriesFigure {
  readonly title: string;
  /** What the values are. */
  readonly axis: string;
  /** Optimiser steps at which was measured, ascending. */
  readonly steps: readonly number[];
  readonly series: readonly Series[];
  /** A level to compare with. */
  readonly level: { readonly name: string; readonly value: number } | null;
}

const frame = { width: 720, height: 300, left: 52, right: 170, top: 38, bottom: 44 } as const;
// Told apart without seeing red and green, and by their dashes without any colour.
const strokes = [
  ['#35618e', ''],
  ['#d9772b', ''],
  ['#3d8b79', '6 3'],
  ['#8a5aa5', '2 3'],
  ['#7a7a7a', '8 3 2 3'],
  ['#b8475a', '4 2'],
  ['#5b6b1f', '1 2'],
] as const;

/** Labels at the lines' ends, moved apart where they would lie on one another. */
function spread(places: readonly number[], gap: number): number[] {
  const order = places.map((_, i) => i).sort((a, b) => (places[a] ?? 0) - (places[b] ?? 0));
  const result = [...places];
  let last = Number.NEGATIVE_INFINITY;
  for (const i of order) {
    last = Math.max(places[i] ?? 0, last + gap);
    result[i] = last;
  }
  return result;
}

export function seriesFigure({ title, axis, steps, series, level }: SeriesFigure): { svg: string; csv: string } {
  const all = series.flatMap(({ values }) => values).filter(Number.isFinite);
  if (level !== null) all.push(level.value);
  const [least, most] = [Math.min(...all, 1), Math.max(...all, 0)];
  const margin = Math.max(0.02, 0.05 * (most - least));
  const [low, high] = [least - margin, most + margin];
  const [first = 0, last = first] = [steps[0], steps.at(-1)];
  const base = frame.height - frame.bottom;
  const end = frame.width - frame.right;
  const x = (step: number): number =>
    last === first ? (frame.left + end) / 2 : frame.left + ((step - first) / (last - first)) * (end - frame.left);
  const y = (value: number): number => base - ((value - low) / (high - low)) * (base - frame.top);
  const heights = ticks(low, high, 5)
    .map(
      (tick) =>
        `<line x1="${frame.left}" x2="${end}" y1="${y(tick).toFixed(1)}" y2="${y(tick).toFixed(1)}" stroke="#e2e0da"/>` +
        `<text x="${frame.left - 6}" y="${(y(tick) + 4).toFixed(1)}" text-anchor="end">${formatNumber(tick)}</text>`,
    )
    .join('');
  const marks = [...new Set([first, last])]
    .map((step) => `<text x="${x(step).toFixed(1)}" y="${base + 17}" text-anchor="middle">${step}</text>`)
    .join('');
  const labels = spread(
    series.map(({ values }) => y(values.at(-1) ?? low)),
    14,
  );
  const lines = series.map(({ name, values }, i) => {
    const [colour, dash] = strokes[i % strokes.length] ?? strokes[0];
    const points = values.map((value, k) => `${x(steps[k] ?? first).toFixed(1)},${y(value).toFixed(1)}`);
    const style = `fill="none" stroke="${colour}" stroke-width="2" stroke-dasharray="${dash}"`;
    const dots = values.map(
      (value, k) =>
        `<circle cx="${x(steps[k] ?? first).toFixed(1)}" cy="${y(value).toFixed(1)}" r="2.5" fill="${colour}"/>`,
    );
    const at = (labels[i] ?? 0).toFixed(1);
    const label = `<text x="${end + 12}" y="${at}" dy="4" fill="${colour}">${escapeHtml(name)}</text>`;
    return `<polyline points="${points.join(' ')}" ${style}/>${dots.join('')}${label}`;
  });
  const rule =
    level === null
      ? ''
      : `<line x1="${frame.left}" x2="${end}" y1="${y(level.value).toFixed(1)}" y2="${y(level.value).toFixed(1)}" stroke="#22242a" stroke-dasharray="3 4"/>` +
        `<text x="${frame.left + 4}" y="${(y(level.value) - 5).toFixed(1)}">${escapeHtml(level.name)}</text>`;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${frame.width} ${frame.height}" width="${frame.width}" height="${frame.height}" font-family="system-ui, sans-serif" font-size="12" role="img">
<title>${escapeHtml(title)}</title><rect width="100%" height="100%" fill="#ffffff"/>
<g fill="#22242a"><text x="${frame.left}" y="22" font-size="14" font-weight="600">${escapeHtml(title)}</text>
${heights}${marks}${rule}
${lines.join('\n')}
<text x="${(frame.left + end) / 2}" y="${frame.height - 8}" text-anchor="middle">${escapeHtml(axis)}, by training step</text></g></svg>
`;
  const header = ['step', ...series.map(({ name }) => name)].map(csvField).join(',');
  const rows = steps.map((step, k) => [step, ...series.map(({ values }) => values[k] ?? '')].join(','));
  return { svg, csv: `${[header, ...rows].join('\r\n')}\r\n` };
}
