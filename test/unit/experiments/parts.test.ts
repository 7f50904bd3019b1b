import { describe, expect, it } from 'vitest';
import { inGrey, isColourless, uniformNoise } from '../../../core/experiments/image-arrays.ts';
import { table1, table2, table3, table4 } from '../../../core/experiments/paper.ts';
import { histogramFigure } from '../../../core/experiments/report/histogram-figure.ts';
import { tableMarkdown } from '../../../core/experiments/report/markdown.ts';
import { bestRows, dataLine, duration, valueText } from '../../../core/experiments/report/numbers.ts';
import { seriesFigure } from '../../../core/experiments/report/series-figure.ts';
import { metricsOfScore } from '../../../core/experiments/snapshot-scores.ts';
import { meanOfColumns, overSeeds, paperRows } from '../../../core/experiments/tables.ts';
import { TimeLeft } from '../../../core/experiments/time-left.ts';
import type { CellResult, ResultTable } from '../../../core/experiments/types.ts';

const result = (seed: number, values: Record<string, number>): CellResult =>
  ({
    cell: { id: '', method: 'joint', subject: '4', protocol: 'P1', seed },
    values,
    series: {},
    figures: [],
  }) as unknown as CellResult;

describe("the paper's tables", () => {
  it('have a value or null under every column', () => {
    for (const { columns, rows } of [table1, table2, table3, table4]) {
      for (const { values } of rows) expect(values).toHaveLength(columns.length);
    }
  });

  it('have the means that the issue quotes', () => {
    const rows = paperRows(table4, table4.columns, (method) => [method], true);
    const mean = (method: string) => rows.find(({ heads }) => heads[0] === method)?.values.at(-1)?.mean;
    expect(mean('Ours, energy')).toBeCloseTo(0.514, 3);
    expect(mean('BiGAN-σ')).toBeCloseTo((0.287 + 0.443 + 0.514 + 0.347 + 0.307) / 5, 10);
  });

  it('are left out where they have nothing to say', () => {
    expect(paperRows(table4, ['0', '2'], (method) => [method], false)).toEqual([]);
    expect(paperRows(table3, ['celeba'], (method) => [method], false).map(({ heads }) => heads[0])).toEqual([
      'ALICE',
      'SVAE',
      'Ours',
    ]);
  });
});

describe('figures over seeds', () => {
  it('are mean and deviation, of a single seed the deviation over its epochs', () => {
    expect(overSeeds([result(1, { a: 0.4 }), result(2, { a: 0.6 })], 'a')).toEqual({
      mean: 0.5,
      deviation: expect.closeTo(Math.SQRT2 / 10, 12) as number,
      count: 2,
    });
    expect(overSeeds([result(1, { a: 0.4, 'a-deviation': 0.03 })], 'a')).toEqual({
      mean: 0.4,
      deviation: 0.03,
      count: 1,
    });
    expect(overSeeds([result(1, { b: 1 })], 'a')).toBeNull();
  });

  it('over columns take the deviation of each seed’s mean', () => {
    const value = (mean: number) => ({ mean, deviation: 1, count: 2 });
    // Seed 1: (.2 + .6) / 2, seed 2: (.4 + .4) / 2: the two digits' swings cancel.
    expect(
      meanOfColumns(
        [value(0.3), value(0.5)],
        [
          [0.2, 0.4],
          [0.6, 0.4],
        ],
      ),
    ).toMatchObject({ mean: expect.closeTo(0.4, 12) as number, deviation: expect.closeTo(0, 12) as number });
    expect(meanOfColumns([value(0.3), null], [[0.3], []])).toBeNull();
    expect(meanOfColumns([value(0.3), value(0.5)], [[0.2, 0.4], [0.5]])).toMatchObject({ deviation: null });
  });

  it('of a score: mean of the metric, and metric of the mean', () => {
    // First epoch perfect, second reversed; their mean is a tie of all.
    const { values, series } = metricsOfScore(
      'energy',
      [
        [1, 0],
        [0, 1],
      ],
      [1, 0],
    );
    expect(series['energy/aupr']).toEqual([1, 0.5]);
    expect(values).toMatchObject({
      'energy/aupr': 0.75,
      'energy/auroc': 0.5,
      'energy/auroc-of-mean': 0.5,
      'energy/aupr-of-mean': 0.5,
    });
    expect(values['energy/aupr-deviation']).toBeCloseTo(Math.sqrt(0.125), 12);
  });
});

describe('a table', () => {
  const table: ResultTable = {
    id: 't',
    title: 'T',
    caption: 'C',
    heads: ['Method'],
    columns: ['1', 'train'],
    better: 'higher',
    unranked: ['train'],
    digits: 3,
    rows: [
      { heads: ['Ours'], source: 'paper', values: [{ mean: 0.9, deviation: 0.1, count: null }, null] },
      {
        heads: ['a|b'],
        source: 'here',
        values: [
          { mean: 0.5, deviation: null, count: 1 },
          { mean: 0.5, deviation: null, count: 1 },
        ],
      },
      { heads: ['c'], source: 'here', values: [{ mean: 0.6, deviation: 0.01, count: 3 }, null] },
    ],
  };

  it('says where the images lay, by name where they have one', () => {
    const settings = { data: '', sets: { cifar10: '/c', svhn: '/s' }, limit: null };
    expect(dataLine(settings)).toBe('cifar10: /c; svhn: /s');
    expect(dataLine({ ...settings, data: '/d', sets: {}, limit: 9 })).toBe('/d; at most 9 images of each');
  });

  it('marks the best of our own', () => {
    expect(bestRows(table)).toEqual([2, -1]);
    expect(bestRows({ ...table, better: 'lower' })).toEqual([1, -1]);
  });

  it('reads as Markdown', () => {
    expect(tableMarkdown(table).split('\n').slice(-5)).toEqual([
      '| Method | 1 | train |',
      '| --- | --- | --- |',
      '| _Ours_ | 0.900 ± 0.100 | – |',
      '| a\\|b | 0.500 | 0.500 |',
      '| c | **0.600 ± 0.010** | – |',
    ]);
    expect(valueText(null, table)).toBe('–');
    expect(valueText({ mean: -1e-9, deviation: null, count: 1 }, table)).toBe('0.000');
    expect(valueText({ mean: -0.1, deviation: null, count: 1 }, table)).toBe('-0.100');
    expect([41, 192, 3840 * 2].map(duration)).toEqual(['41 s', '3.2 min', '2 h 08 min']);
  });
});

describe('overlaid histograms', () => {
  it('hold shares that add up to one with what lies outside, in the CSV as in the picture', () => {
    const normal = Array.from({ length: 1000 }, (_, i) => i / 1000);
    const { svg, csv } = histogramFigure({
      title: 'T <1>',
      axis: 'f',
      reference: { name: 'test, "all"', values: normal },
      others: [{ name: 'far', values: [...normal.map((value) => value + 2), 1e9] }],
      bins: 10,
    });
    expect(svg).toContain('T &lt;1&gt;');
    expect(svg.match(/<polygon/g)).toHaveLength(2);
    const lines = csv.trimEnd().split('\r\n');
    expect(lines[0]).toBe('from,to,"test, ""all""",far');
    const numbers = lines.slice(1).map((line) => line.split(',').map(Number));
    expect(numbers).toHaveLength(11);
    for (const column of [2, 3]) expect(numbers.reduce((sum, row) => sum + (row[column] ?? 0), 0)).toBeCloseTo(1, 9);
    // One image at a billion does not stretch the axis.
    expect(numbers[9]?.[1]).toBeLessThan(4);
  });

  it('refuses an empty set', () => {
    const set = { name: 'a', values: [] };
    expect(() => histogramFigure({ title: '', axis: '', reference: set, others: [] })).toThrow('no values');
  });
});

describe('figures by epoch', () => {
  it('draw each point once and say the same as CSV', () => {
    const { svg, csv } = seriesFigure({
      title: 'T',
      axis: 'AUPR',
      steps: [10, 20, 30],
      series: [
        { name: 'energy', values: [0.2, 0.8, 0.5] },
        { name: 'joint', values: [0.5, 0.5, 0.5] },
      ],
      level: { name: 'base rate', value: 0.35 },
    });
    expect(svg.match(/<circle/g)).toHaveLength(6);
    expect(csv).toBe('step,energy,joint\r\n10,0.2,0.5\r\n20,0.8,0.5\r\n30,0.5,0.5\r\n');
    // Both lines end at .5: their names lie apart.
    const ends = [...svg.matchAll(/<text x="562" y="([\d.]+)"/g)].map((match) => Number(match[1]));
    expect(Math.abs((ends[0] ?? 0) - (ends[1] ?? 0))).toBeCloseTo(14, 6);
  });
});

describe('sets that are no datasets', () => {
  const shape = { height: 4, width: 4, channels: 3 } as const;

  it('draws noise image by image, grey means of it, and knows colour', () => {
    const noise = uniformNoise(shape, 50, 7);
    const all = new Uint8Array(50 * 48);
    noise.read(noise.inputs, all);
    const third = new Uint8Array(48);
    noise.read([2], third);
    expect(third).toEqual(all.subarray(96, 144));
    const mean = all.reduce((sum, value) => sum + value, 0) / all.length;
    expect(Math.abs(mean - 127.5)).toBeLessThan(5);
    expect(isColourless(noise)).toBe(false);
    expect(isColourless(inGrey(noise))).toBe(true);
    const grey = new Uint8Array(48);
    inGrey(noise).read([2], grey);
    expect(grey[0]).toBe(Math.round(((third[0] ?? 0) + (third[1] ?? 0) + (third[2] ?? 0)) / 3));
  });
});

describe('the time left', () => {
  it('is the cell’s own and that of cells like it', () => {
    let now = 0;
    const time = new TimeLeft([], () => now);
    time.begin(3);
    expect(time.left('preparing', 1, 2, null)).toEqual({ cellSecondsLeft: null, secondsLeft: null });
    now = 10_000;
    // A quarter done, 30 seconds to go: 40 for each of the three that follow.
    expect(time.left('training', 25, 100, 30)).toEqual({ cellSecondsLeft: 30, secondsLeft: 150 });
    now = 50_000;
    time.end();
    time.begin(2);
    expect(time.left('training', 0, 100, 40)).toEqual({ cellSecondsLeft: 40, secondsLeft: 40 + 2 * 50 });
  });
});
