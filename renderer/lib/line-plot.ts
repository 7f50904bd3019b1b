/** One line chart on a canvas: chart.js does scales and lines; all else (thinning, smoothing, log axis) is ours. */
import { Chart, LinearScale, LineController, LineElement, PointElement } from 'chart.js';
import { decimate, smooth, type ChartSeries, type Range } from './charts.ts';
import { formatNumber } from './format.ts';
import { niceTicks } from './ticks.ts';
import { linearAxis, logAxis, type AxisMap } from './log-axis.ts';

Chart.register(LineController, LineElement, PointElement, LinearScale);

/** Lines are told apart without colour too. */
const dashes: readonly (readonly number[])[] = [
  [],
  [7, 3],
  [2, 3],
  [9, 3, 2, 3],
  [4, 2],
  [12, 4],
  [1, 2],
  [6, 2, 1, 2],
];
export const dashOf = (index: number): readonly number[] => dashes[index % dashes.length] ?? [];

export interface PlotInput {
  readonly series: readonly ChartSeries[];
  /** One CSS colour for each series. */
  readonly colours: readonly string[];
  readonly range: Range;
  readonly logY: boolean;
  readonly smoothing: number;
  readonly xLabel: string;
  readonly yLabel: string;
  readonly text: string;
  readonly grid: string;
}

/** The part of a scale that ticks are set by. */
interface Axis {
  readonly min: number;
  readonly max: number;
  ticks: { value: number }[];
}

const toTicks = (values: readonly number[]) => values.map((value) => ({ value }));

interface Dot {
  x: number;
  y: number | null;
}

export interface LinePlot {
  draw(input: PlotInput): void;
  /** Pixel of an x value within the canvas, and back. */
  pixelOf(x: number): number;
  valueAt(pixel: number): number;
  /** The plotting area within the canvas, in CSS pixels. */
  area(): { left: number; right: number; top: number; bottom: number };
  destroy(): void;
}

const faint = (colour: string) => colour.replace(/^rgb\((.*)\)$/, 'rgba($1, 0.3)');

export function createLinePlot(canvas: HTMLCanvasElement): LinePlot {
  let map: AxisMap = linearAxis;
  const chart = new Chart<'line', Dot[]>(canvas, {
    type: 'line',
    data: { datasets: [] },
    options: {
      animation: false,
      parsing: false,
      normalized: true,
      responsive: true,
      maintainAspectRatio: false,
      events: [],
      layout: { padding: { right: 8, top: 6 } },
      elements: { point: { radius: 0 }, line: { borderWidth: 1.6, borderJoinStyle: 'round' } },
      scales: {
        x: { type: 'linear', bounds: 'data', ticks: { maxTicksLimit: 8, maxRotation: 0 }, title: { display: true } },
        y: { type: 'linear', ticks: { maxTicksLimit: 6 }, title: { display: true } },
      },
    },
  });

  function datasets(input: PlotInput) {
    const pixels = Math.max(50, Math.round(canvas.clientWidth));
    const raw = input.series.map(({ points }) => decimate(points, input.range, pixels));
    const smoothed =
      input.smoothing > 0
        ? input.series.map(({ points }) => decimate(smooth(points, input.smoothing), input.range, pixels))
        : raw;
    const { least, most } = bounds([...raw, ...smoothed], input.range);
    map = input.logY && least < most ? logAxis(least, most) : linearAxis;
    const toDots = (points: (typeof raw)[number]): Dot[] =>
      points.map(([x, y]) => ({ x, y: y === null ? null : map.forward(y) }));
    const line = (points: (typeof raw)[number], index: number, quiet: boolean) => {
      const colour = input.colours[index] ?? input.text;
      const single = points.length === 1 ? 3 : 0;
      return {
        data: toDots(points),
        borderColor: quiet ? faint(colour) : colour,
        borderWidth: quiet ? 1 : 1.8,
        borderDash: quiet ? [] : [...dashOf(index)],
        backgroundColor: colour,
        pointRadius: single,
      };
    };
    const main = smoothed.map((points, index) => line(points, index, false));
    // The raw line stays visible behind the smoothed one.
    return {
      least,
      most,
      list: input.smoothing > 0 ? [...main, ...raw.map((points, index) => line(points, index, true))] : main,
    };
  }

  return {
    draw(input) {
      const { least, most, list } = datasets(input);
      chart.data.datasets = list;
      const { x, y } = chart.options.scales as Record<'x' | 'y', Record<string, unknown>>;
      const ticks = { color: input.text, font: { size: 11 } };
      Object.assign(x, {
        min: input.range.from,
        max: input.range.to,
        grid: { color: input.grid },
        border: { color: input.grid },
      });
      x['ticks'] = { ...ticks, autoSkip: false, maxRotation: 0, callback: (value: number) => formatNumber(value, 6) };
      x['title'] = { display: true, text: input.xLabel, color: input.text, font: { size: 11 } };
      const [low, high] = [map.forward(least), map.forward(most)];
      const margin = high > low ? (high - low) * 0.06 : Math.abs(high) * 0.1 || 1;
      Object.assign(y, least <= most ? { min: low - margin, max: high + margin } : { min: 0, max: 1 });
      Object.assign(y, { grid: { color: input.grid }, border: { color: input.grid } });
      y['ticks'] = { ...ticks, autoSkip: false, callback: (value: number) => formatNumber(map.backward(value), 3) };
      y['title'] = { display: input.yLabel !== '', text: input.yLabel, color: input.text, font: { size: 11 } };
      x['afterBuildTicks'] = (axis: Axis) => {
        axis.ticks = toTicks(niceTicks(axis.min, axis.max, Math.max(2, canvas.clientWidth / 80)));
      };
      y['afterBuildTicks'] = (axis: Axis) => {
        const values = map.ticks(axis.min, axis.max);
        // Less than a decade has no two powers of ten: round values then.
        const wanted = Math.max(2, canvas.clientHeight / 40);
        const shown = values.length > 1 ? values : niceTicks(map.backward(axis.min), map.backward(axis.max), wanted);
        axis.ticks = toTicks(shown.map(map.forward));
      };
      chart.update('none');
    },
    pixelOf: (x) => chart.scales['x']?.getPixelForValue(x) ?? 0,
    valueAt: (pixel) => chart.scales['x']?.getValueForPixel(pixel) ?? 0,
    area: () => chart.chartArea,
    destroy: () => chart.destroy(),
  };
}

/** Least and greatest y of the points within the range; the neighbours outside only lead the line to the edge. */
function bounds(lines: readonly ChartSeries['points'][], { from, to }: Range): { least: number; most: number } {
  let least = Infinity;
  let most = -Infinity;
  for (const points of lines) {
    for (const [x, y] of points) {
      if (y === null || !Number.isFinite(y) || x < from || x > to) continue;
      least = Math.min(least, y);
      most = Math.max(most, y);
    }
  }
  return { least, most };
}
