import { describe, expect, it } from 'vitest';
import type { Field } from '../../../ipc/contract.ts';
import { dropLast } from '../../../renderer/lib/browser-host.ts';
import { fieldError, readNumber, showNumber } from '../../../renderer/lib/fields.ts';
import { formatBytes, formatDuration, formatNumber, formatScore } from '../../../renderer/lib/format.ts';
import { listPages, type PageInfo } from '../../../renderer/lib/pages.ts';
import { parseHash, toHash } from '../../../renderer/lib/routes.ts';
import { choose, keyTarget } from '../../../renderer/lib/selection.ts';
import { SeriesStore } from '../../../renderer/lib/series-store.ts';
import { scrollTo, visible } from '../../../renderer/lib/virtual.ts';

describe('amounts in words', () => {
  it('gives scores as many digits each', () => {
    expect([2.9, 2.874, -12.5, 0.0123, 123.456, 7e-9, null].map(formatScore)).toEqual([
      '2.90',
      '2.87',
      '−12.5',
      '0.0123',
      '123',
      '7.0e−9',
      '–',
    ]);
  });

  it('never shows sixty seconds or a thousand of a unit', () => {
    expect([59.6, 75, 599.7, 3599, 5400, 200_000].map(formatDuration)).toEqual([
      '1 min',
      '1 min 15 s',
      '10 min',
      '1 h',
      '1 h 30 min',
      '2 days',
    ]);
    expect([1, 999, 999_600, 1_500_000].map(formatBytes)).toEqual(['1 byte', '999 bytes', '1.0 MB', '1.5 MB']);
    expect([null, NaN, 0, -37.4721, 1234.5678, 0.00001].map((value) => formatNumber(value))).toEqual([
      '–',
      '–',
      '0',
      '−37.47',
      '1,235',
      '1.00e−5',
    ]);
  });
});

describe('fields of forms', () => {
  const field: Field = {
    key: 'rate',
    label: 'Learning rate',
    help: '',
    kind: 'number',
    group: 'main',
    min: 1e-6,
    max: 1,
    step: null,
    scale: 'log',
    unit: null,
    choices: [],
    optional: false,
    default: 1e-3,
  };

  it('reads what people type and shows it back', () => {
    expect([' 1e-4 ', '0,5', '10 000', ''].map(readNumber)).toEqual([1e-4, 0.5, 10_000, null]);
    expect(readNumber('many')).toBeNaN();
    for (const value of [1e-7, 0.0003, 12, 1e12]) expect(readNumber(showNumber(value))).toBe(value);
  });

  it('says what is wrong', () => {
    expect(fieldError(field, 0.01)).toBeNull();
    expect(fieldError(field, NaN)).toMatch(/number/);
    expect(fieldError(field, 2)).toBe('At most 1.');
    expect(fieldError(field, null)).toBe('Learning rate is needed.');
    expect(fieldError({ ...field, optional: true }, null)).toBeNull();
    expect(fieldError({ ...field, kind: 'integer' }, 0.5)).toMatch(/whole/);
  });
});

describe('pages and addresses', () => {
  it('lists only pages that have both files, in their order', () => {
    const info = (title: string, order: number): PageInfo => ({ title, icon: 'runs', order });
    const never = () => Promise.reject(new Error('not loaded here'));
    const pages = listPages(
      {
        './pages/train.page.ts': info('Train', 2),
        './pages/datasets.page.ts': info('Datasets', 1),
        './pages/x.page.ts': info('X', 3),
      },
      { './pages/TrainPage.svelte': never, './pages/DatasetsPage.svelte': never },
    );
    expect(pages.map(({ id }) => id)).toEqual(['datasets', 'train']);
  });

  it('reads back what it wrote', () => {
    const params = { dataset: 'a-1', search: 'x & y=z', none: null };
    expect(parseHash(toHash('score', params), 'datasets')).toEqual({
      page: 'score',
      params: { dataset: 'a-1', search: 'x & y=z' },
    });
    expect(parseHash('', 'datasets').page).toBe('datasets');
  });

  it('finds the dropped folder of an uploaded file, on Windows too', () => {
    expect(dropLast('/lib/uploads/b1/parts/good/x.png', 2)).toBe('/lib/uploads/b1/parts');
    expect(dropLast('C:\\lib\\uploads\\b1\\parts\\x.png', 1)).toBe('C:\\lib\\uploads\\b1\\parts');
    expect(dropLast('/lib/x.png', 0)).toBe('/lib/x.png');
  });
});

describe('long lists', () => {
  const layout = { count: 100_000, columns: 5, rowHeight: 100, scrollTop: 50_000, viewHeight: 800, overscan: 2 };

  it('draws only what is on the screen', () => {
    const shown = visible(layout);
    expect([shown.first, shown.end, shown.height]).toEqual([498 * 5, 510 * 5, 2_000_000]);
    expect(visible({ ...layout, count: 3 }).end).toBe(3);
  });

  it('scrolls no further than needed', () => {
    expect(scrollTo(500 * 5, layout)).toBe(50_000);
    expect(scrollTo(0, layout)).toBe(0);
    expect(scrollTo(508 * 5, layout)).toBe(50_100);
  });

  it('moves by keys within the ends', () => {
    const place = { active: 7, count: 13, columns: 5, page: 10 };
    const to = (key: string, active = 7) => keyTarget(key, { ...place, active });
    expect([to('ArrowLeft'), to('ArrowDown'), to('ArrowUp'), to('End'), to('PageDown'), to('x')]).toEqual([
      6,
      12,
      2,
      12,
      12,
      null,
    ]);
    expect([
      to('ArrowUp', 2),
      to('ArrowDown', 9),
      to('ArrowDown', 11),
      to('ArrowRight', 12),
      to('ArrowDown', -1),
    ]).toEqual([2, 12, 11, 12, 0]);
    expect(keyTarget('Home', { ...place, count: 0 })).toBeNull();
  });

  it('chooses ranges from where the last choice was', () => {
    const one = choose({ selected: new Set(), anchor: -1 }, 4, 'only');
    const range = choose(one, 2, 'range');
    expect([...range.selected]).toEqual([2, 3, 4]);
    expect([...choose(range, 3, 'toggle').selected]).toEqual([2, 4]);
  });
});

describe('lines that grow', () => {
  const rows = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, at) => ({ step: from + at, loss: from + at, gap: null }));

  it('takes what was recorded without losing rows that came meanwhile', () => {
    const store = new SeriesStore();
    store.add(rows(11, 13));
    store.load([{ name: 'loss', steps: [1, 10], values: [1, 10] }], 10);
    expect(store.points('loss')).toEqual([
      [1, 1],
      [10, 10],
      [11, 11],
      [12, 12],
    ]);
    expect(store.points('gap').at(-1)).toEqual([12, null]);
  });

  it('replaces the steps that a resumed run makes again', () => {
    const store = new SeriesStore();
    store.add(rows(1, 21));
    store.addAt(20, { step: 20, auroc: 0.9 });
    store.add([{ step: 16, loss: 0.5 }]);
    expect(store.points('loss').slice(-2)).toEqual([
      [15, 15],
      [16, 0.5],
    ]);
    expect(store.points('auroc')).toEqual([]);
  });

  it('stays bounded and keeps its extremes and newest points', () => {
    const store = new SeriesStore(1000);
    const all = rows(1, 20_000).map((row) => (row.step === 5000 ? { ...row, loss: -1e6 } : row));
    for (let at = 0; at < all.length; at += 50) store.add(all.slice(at, at + 50));
    const points = store.points('loss');
    expect(points.length).toBeLessThanOrEqual(1001);
    expect(points).toContainEqual([5000, -1e6]);
    expect(points.at(-1)).toEqual([19_999, 19_999]);
  });
});
