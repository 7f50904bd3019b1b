import { describe, expect, it } from 'vitest';
import { PagedRows, type RowWindow } from '../../../renderer/state/paged-rows.svelte.ts';
import { Selection } from '../../../renderer/state/selection.svelte.ts';
import { settle } from './fake-client.ts';

/** A list of `total` numbers; remembers what was asked. */
function list(total: number, options: { pageSize?: number; keep?: number } = {}) {
  const asked: number[] = [];
  const source = { total, add: 0 };
  const rows = new PagedRows<number>({
    ...options,
    fetch: (offset, limit): Promise<RowWindow<number>> => {
      asked.push(offset);
      const length = Math.max(0, Math.min(limit, source.total - offset));
      const rows = Array.from({ length }, (_, index) => offset + index + source.add);
      return Promise.resolve({ total: source.total, rows });
    },
  });
  return { rows, asked, source };
}

describe('a list that stays in the core', () => {
  it('fetches the page that is looked at, once', async () => {
    const { rows, asked } = list(100_000, { pageSize: 100 });
    rows.reset();
    await settle();
    expect([rows.total, rows.loaded]).toEqual([100_000, true]);
    expect(rows.at(54_321)).toBeUndefined();
    expect(rows.at(54_322)).toBeUndefined();
    await settle();
    expect(rows.at(54_321)).toBe(54_321);
    expect(asked).toEqual([0, 54_300]);
  });

  it('drops the page that was looked at longest ago', async () => {
    const { rows, asked } = list(1000, { pageSize: 10, keep: 2 });
    rows.reset();
    await settle();
    rows.at(10);
    await settle();
    rows.at(0);
    rows.at(20);
    await settle();
    expect(rows.at(0)).toBe(0);
    expect(rows.at(10)).toBeUndefined();
    await settle();
    expect(asked).toEqual([0, 10, 20, 10]);
  });

  it('forgets the pages that someone scrolled past before they were asked for', async () => {
    const { rows, asked } = list(100_000, { pageSize: 10 });
    rows.reset();
    await settle();
    for (let position = 0; position < 50_000; position += 10) rows.at(position);
    await settle();
    expect(asked.length).toBeLessThan(10);
    expect(rows.at(49_990)).toBe(49_990);
  });

  it('shows old rows until the newer ones have come', async () => {
    const { rows, source } = list(5);
    rows.reset();
    await settle();
    source.add = 100;
    rows.refresh();
    expect(rows.at(0)).toBe(0);
    await settle();
    expect(rows.at(0)).toBe(100);
  });

  it('keeps its order while frozen, and catches up after', async () => {
    const { rows, source } = list(5);
    rows.reset();
    await settle();
    rows.freeze(true);
    source.add = 100;
    rows.refresh();
    await settle();
    expect(rows.at(0)).toBe(0);
    rows.freeze(false);
    await settle();
    expect(rows.at(0)).toBe(100);
  });

  it('throws away answers about the list before', async () => {
    const answers: ((window: RowWindow<string>) => void)[] = [];
    const rows = new PagedRows<string>({ fetch: () => new Promise((resolve) => void answers.push(resolve)) });
    rows.reset();
    await settle();
    rows.reset();
    await settle();
    answers[1]?.({ total: 1, rows: ['new'] });
    await settle();
    answers[0]?.({ total: 1, rows: ['old'] });
    await settle();
    expect(rows.at(0)).toBe('new');
  });

  it('reports a failure once and asks again only when told to', async () => {
    let asked = 0;
    const rows = new PagedRows<number>({
      fetch: () => {
        asked += 1;
        return asked === 1 ? Promise.reject(new Error('gone')) : Promise.resolve({ total: 1, rows: [7] });
      },
    });
    rows.reset();
    await settle();
    rows.at(0);
    await settle();
    expect([asked, rows.error]).toEqual([1, new Error('gone')]);
    rows.refresh();
    await settle();
    expect([rows.at(0), rows.error]).toEqual([7, null]);
  });

  it('gathers a span from what is at hand and what is not', async () => {
    const { rows, asked } = list(3500, { pageSize: 10 });
    rows.reset();
    await settle();
    const span = await rows.between(2100, 5);
    expect(span).toEqual(Array.from({ length: 2096 }, (_, index) => index + 5));
    expect(asked).toEqual([0, 10, 1010, 2010]);
    expect(await rows.between(3499, 9999)).toEqual([3499]);
  });

  it('finds and changes rows in place', async () => {
    const { rows } = list(300, { pageSize: 100 });
    rows.reset();
    await settle();
    rows.at(150);
    await settle();
    rows.patch((row) => (row === 150 ? -1 : row));
    expect(rows.at(150)).toBe(-1);
    expect([rows.positionOf((row) => row === -1), rows.positionOf((row) => row === 150)]).toEqual([150, -1]);
  });
});

describe('a selection', () => {
  it('is by identity', () => {
    const selection = new Selection<number>();
    selection.replace([3, 5]);
    selection.toggle(5);
    selection.toggle(9);
    selection.add([9, 11]);
    selection.remove([3]);
    expect(selection.list()).toEqual([9, 11]);
    expect([selection.has(9), selection.has(3), selection.size]).toEqual([true, false, 2]);
    selection.clear();
    expect(selection.size).toBe(0);
  });
});
