import { describe, expect, it } from 'vitest';
import { seriesOf, thin } from '../../../core/library/series.ts';

const records = Array.from({ length: 10_000 }, (_, i) => ({ step: i + 1, loss: Math.sin(i / 500), other: i }));

describe('series for charts', () => {
  it('keep every peak, the ends, and the order', () => {
    const peaked = records.map((record) =>
      record.step === 4321 ? { ...record, loss: 99 } : record.step === 77 ? { ...record, loss: -99 } : record,
    );
    const [loss] = seriesOf(peaked, { maxPoints: 200, names: ['loss'] });
    expect(loss?.steps.length).toBeLessThanOrEqual(200);
    expect(loss?.steps[0]).toBe(1);
    expect(loss?.steps.at(-1)).toBe(10_000);
    expect(loss?.values[loss.steps.indexOf(4321)]).toBe(99);
    expect(loss?.values[loss.steps.indexOf(77)]).toBe(-99);
    expect([...(loss?.steps ?? [])].sort((a, b) => a - b)).toEqual(loss?.steps);
  });

  it('cut a range of steps and take the names asked for', () => {
    const series = seriesOf(records, { maxPoints: 5000, names: ['other'], fromStep: 11, toStep: 20 });
    expect(series).toEqual([
      {
        name: 'other',
        steps: [11, 12, 13, 14, 15, 16, 17, 18, 19, 20],
        values: [10, 11, 12, 13, 14, 15, 16, 17, 18, 19],
      },
    ]);
  });

  it('keep a gap where a value was not finite', () => {
    const broken = records.map((record) => (record.step === 5000 ? { ...record, loss: NaN } : record));
    const [loss] = seriesOf(broken, { maxPoints: 100, names: ['loss'] });
    expect(loss?.values[loss.steps.indexOf(5000)]).toBeNull();
  });

  it('leave short ones alone', () => {
    const short = { name: 'a', steps: [1, 2], values: [3, null] };
    expect(thin(short, 2)).toEqual(short);
  });
});
