/** The report's histogram as SVG: held-out normals and the scored images on one axis, with the threshold. */
import { quantileOfSorted, sortedFinite } from '../statistics.ts';
import { escapeHtml, formatNumber } from './html.ts';

export interface HistogramRequest {
  readonly heldOut: readonly number[];
  readonly scored: ArrayLike<number>;
  readonly threshold: number;
  /** Name of the score, for the axis. */
  readonly label: string;
}

interface Bins {
  readonly low: number;
  readonly high: number;
  /** Share of each group's images by bin. */
  readonly heldOut: readonly number[];
  readonly scored: readonly number[];
  /** Whether scores above `high` were put into the last bin. */
  readonly clipped: boolean;
}

const binCount = 48;
const frame = { width: 880, height: 280, left: 56, right: 16, top: 34, bottom: 44 } as const;

function shares(values: ArrayLike<number>, low: number, high: number): number[] {
  const counts = new Array<number>(binCount).fill(0);
  let total = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i] ?? Number.NaN;
    if (!Number.isFinite(value)) continue;
    const bin = Math.min(binCount - 1, Math.max(0, Math.floor(((value - low) / (high - low)) * binCount)));
    counts[bin] = (counts[bin] ?? 0) + 1;
    total++;
  }
  return counts.map((count) => count / Math.max(1, total));
}

/** Bins over the range of both groups; the highest half per cent of a long tail shares the last bin, so that the rest can be seen. */
export function makeBins({ heldOut, scored, threshold }: HistogramRequest): Bins {
  const normals = sortedFinite(heldOut);
  const images = sortedFinite(scored);
  const lows = [normals[0], images[0], threshold].filter((value) => value !== undefined);
  const low = Math.min(...lows);
  const top = Math.max(normals.at(-1) ?? low, images.at(-1) ?? low, threshold);
  const tail = Math.max(
    images.length === 0 ? low : quantileOfSorted(images, 0.995),
    normals.length === 0 ? low : quantileOfSorted(normals, 0.995),
    threshold + (threshold - low) * 0.1,
  );
  const span = Math.min(top, tail) - low;
  const high = span > 0 ? low + span * 1.02 : low + 1;
  return { low, high, heldOut: shares(normals, low, high), scored: shares(images, low, high), clipped: top > high };
}

/** Round positions for about six ticks. */
export function ticks(low: number, high: number, wanted = 6): number[] {
  const raw = (high - low) / wanted;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= raw) ?? raw;
  const positions: number[] = [];
  for (let i = Math.ceil(low / step); i * step <= high; i++) positions.push(i * step);
  return positions;
}

/** An `<svg>` and, for keyboards and screen readers, the same as a table. */
export function histogramChart(request: HistogramRequest): string {
  const bins = makeBins(request);
  const x = (value: number): number =>
    frame.left + ((value - bins.low) / (bins.high - bins.low)) * (frame.width - frame.left - frame.right);
  const tallest = Math.max(...bins.heldOut, ...bins.scored, 1e-9);
  const base = frame.height - frame.bottom;
  const y = (share: number): number => base - (share / tallest) * (base - frame.top);
  const edge = (i: number): number => bins.low + ((bins.high - bins.low) * i) / binCount;
  const outline = (values: readonly number[]): string =>
    values
      .map(
        (share, i) =>
          `${x(edge(i)).toFixed(1)},${y(share).toFixed(1)} ${x(edge(i + 1)).toFixed(1)},${y(share).toFixed(1)}`,
      )
      .join(' ');
  const area = (values: readonly number[]): string =>
    `${x(bins.low).toFixed(1)},${base} ${outline(values)} ${x(bins.high).toFixed(1)},${base}`;
  const at = x(Math.min(Math.max(request.threshold, bins.low), bins.high));
  const nearEnd = at > frame.width * 0.75;
  const label = escapeHtml(request.label);
  const axis = ticks(bins.low, bins.high)
    .map(
      (tick) =>
        `<line class="grid" x1="${x(tick).toFixed(1)}" x2="${x(tick).toFixed(1)}" y1="${frame.top}" y2="${base}"/>` +
        `<text x="${x(tick).toFixed(1)}" y="${base + 18}" text-anchor="middle">${formatNumber(tick)}</text>`,
    )
    .join('');
  const percent = ticks(0, tallest * 100, 3)
    .map(
      (tick) =>
        `<text x="${frame.left - 8}" y="${(y(tick / 100) + 4).toFixed(1)}" text-anchor="end">${formatNumber(tick)} %</text>`,
    )
    .join('');
  const rows = bins.heldOut
    .map((share, i) => {
      const range = `${formatNumber(edge(i))} to ${formatNumber(edge(i + 1))}`;
      return `<tr><td>${range}</td><td>${(100 * share).toFixed(1)} %</td><td>${(100 * (bins.scored[i] ?? 0)).toFixed(1)} %</td></tr>`;
    })
    .join('');
  return `<figure class="chart">
<svg viewBox="0 0 ${frame.width} ${frame.height}" role="img" aria-label="Histogram of ${label}: held-out normal images and these images, threshold at ${formatNumber(request.threshold)}">
${axis}${percent}
<polygon class="images" points="${area(bins.scored)}"/>
<polyline class="normals" points="${area(bins.heldOut)}"/>
<line class="axis" x1="${frame.left}" x2="${frame.width - frame.right}" y1="${base}" y2="${base}"/>
<line class="threshold" x1="${at.toFixed(1)}" x2="${at.toFixed(1)}" y1="${frame.top - 8}" y2="${base}"/>
<text class="threshold-label" x="${(at + (nearEnd ? -6 : 6)).toFixed(1)}" y="${frame.top - 2}" text-anchor="${nearEnd ? 'end' : 'start'}">threshold ${formatNumber(request.threshold)}</text>
<text x="${(frame.left + frame.width - frame.right) / 2}" y="${frame.height - 6}" text-anchor="middle">${label} (higher is more anomalous)${bins.clipped ? '; the last bar holds everything above' : ''}</text>
</svg>
<figcaption><span class="key images-key"></span>these images <span class="key normals-key"></span>held-out normal images <span class="key threshold-key"></span>threshold</figcaption>
<details><summary>The same as a table</summary><table><thead><tr><th>Score</th><th>Held-out normal</th><th>These images</th></tr></thead><tbody>${rows}</tbody></table></details>
</figure>`;
}
