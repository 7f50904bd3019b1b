import { describe, expect, it } from 'vitest';
import type { DatasetItem } from '../../../core/datasets/index.ts';
import { limitInputs, splitForRun, testInputs } from '../../../core/datasets/index.ts';

/** `train` and `test` pictures of three labels each. */
function dataset(train: number, test: number) {
  const items = [...new Array<'train'>(train).fill('train'), ...new Array<'test'>(test).fill('test')].map(
    (split, i): DatasetItem => ({ name: `${i}`, label: String(i % 3), split, anomalous: null, hasMask: false }),
  );
  return { items, itemOf: Int32Array.from(items, (_, i) => i) };
}

const settings = { seed: 1, heldOutFraction: 0.1, validationLimit: 100 };

describe('the split of a run', () => {
  it('tests under P1 on what it does not train on: a fifth of the normal pictures and every anomalous one', () => {
    const data = dataset(90, 30);
    const p1 = { ...settings, protocol: 'P1' } as const;
    const { train } = splitForRun(data, p1, ['2']);
    const { test, anomalous } = testInputs(data, p1, ['2']);
    expect(train).toHaveLength(64);
    expect(test).toHaveLength(16 + 40);
    expect([...train, ...test].sort((a, b) => a - b)).toEqual([...data.itemOf]);
    expect([...test].filter((_, i) => anomalous[i] === 1)).toEqual([...data.itemOf].filter((i) => i % 3 === 2));
    expect(() => testInputs(data, p1, ['1', '2'])).toThrow('exactly one label');
  });

  it('tests under P2 on the test pictures, all of them', () => {
    const data = dataset(90, 30);
    const { test, anomalous } = testInputs(data, settings, ['2']);
    expect([...test]).toEqual(Array.from({ length: 30 }, (_, i) => 90 + i));
    expect(anomalous.filter((value) => value === 1)).toHaveLength(10);
  });

  it('tests without test pictures on the held-out and the anomalous ones', () => {
    const data = dataset(90, 0);
    const { train, heldOut } = splitForRun(data, settings, ['2']);
    const { test, anomalous } = testInputs(data, settings, ['2']);
    expect(test.filter((_, i) => anomalous[i] === 0)).toEqual(heldOut);
    expect(test.filter((input) => train.includes(input))).toHaveLength(0);
    expect(anomalous.filter((value) => value === 1)).toHaveLength(30);
  });

  it('keeps a limit’s pictures apart from the test: what is not trained on for its sake is not tested on', () => {
    const data = dataset(90, 0);
    const limited = { ...settings, limit: 20 };
    const { train } = splitForRun(data, limited, ['2']);
    expect(train).toHaveLength(20);
    expect(train).toEqual(splitForRun(data, limited, ['2']).train);
    expect(testInputs(data, limited, ['2'])).toEqual(testInputs(data, settings, ['2']));
  });

  it('chooses by the seed and keeps the order', () => {
    const inputs = Int32Array.from({ length: 50 }, (_, i) => 2 * i);
    const some = limitInputs(inputs, 10, 1, 'a');
    expect([...some].sort((a, b) => a - b)).toEqual([...some]);
    expect(new Set(some).size).toBe(10);
    expect(limitInputs(inputs, 10, 2, 'a')).not.toEqual(some);
    expect(limitInputs(inputs, 10, 1, 'b')).not.toEqual(some);
    expect(limitInputs(inputs, undefined, 1, 'a')).toBe(inputs);
  });
});
