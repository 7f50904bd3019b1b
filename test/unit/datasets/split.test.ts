import { describe, expect, it } from 'vitest';
import type { DatasetItem } from '../../../core/datasets/index.ts';
import { selectInputs, splitDataset, splitP1 } from '../../../core/datasets/index.ts';
import { errorOf } from './helpers.ts';

type Sketch = Partial<Pick<DatasetItem, 'label' | 'split' | 'anomalous'>>;

function dataset(groups: readonly (readonly [number, Sketch])[], tiles = 1) {
  const items = groups.flatMap(([count, sketch]) =>
    Array.from({ length: count }, (_, i): DatasetItem => {
      return {
        name: `${JSON.stringify(sketch)}${i}`,
        label: null,
        split: null,
        anomalous: null,
        hasMask: false,
        ...sketch,
      };
    }),
  );
  return { items, itemOf: Int32Array.from({ length: items.length * tiles }, (_, i) => Math.floor(i / tiles)) };
}

const digits = (split: 'train' | 'test', count: number) =>
  ['0', '1', '2', '4'].map((label) => [count, { label, split }] as const);
const labels = (data: ReturnType<typeof dataset>, inputs: Int32Array) => {
  return [...new Set([...inputs].map((input) => data.items[data.itemOf[input] ?? 0]?.label))].sort();
};

describe('splitDataset', () => {
  it('excludes a label from training and validates on the test split', () => {
    const data = dataset([...digits('train', 50), ...digits('test', 20)]);
    const { train, heldOut, validation } = splitDataset(data, { seed: 1, excludeLabels: ['4'] });
    expect([train.length, heldOut.length, validation.length]).toEqual([135, 15, 80]);
    expect(labels(data, train)).toEqual(['0', '1', '2']);
    expect(labels(data, validation)).toEqual(['0', '1', '2', '4']);
    expect([...train, ...heldOut].sort((a, b) => a - b)).toEqual(Array.from({ length: 150 }, (_, i) => i));
    expect(Math.min(...validation)).toBeGreaterThanOrEqual(200);
  });

  it('balances a limited validation set by seed', () => {
    const data = dataset([...digits('train', 5), ...digits('test', 100)]);
    const [first, same, other] = [7, 7, 8].map(
      (seed) => splitDataset(data, { seed, excludeLabels: ['4'], validationLimit: 40 }).validation,
    );
    expect(first).toEqual(same);
    expect(first).not.toEqual(other);
    expect([...(first ?? [])].filter((input) => data.items[input]?.label === '4')).toHaveLength(20);
    expect(first).toHaveLength(40);
  });

  it('follows the MVTec layout', () => {
    const data = dataset([
      [30, { label: 'good', split: 'train', anomalous: false }],
      [6, { label: 'good', split: 'test', anomalous: false }],
      [9, { label: 'crack', split: 'test', anomalous: true }],
    ]);
    const { train, heldOut, validation } = splitDataset(data, { seed: 3, heldOutFraction: 0.2 });
    expect([train.length, heldOut.length, validation.length]).toEqual([24, 6, 15]);
  });

  it('validates on held-out normals where there is no test split, never on what is trained on', () => {
    const data = dataset([
      [40, { label: 'OK', anomalous: false }],
      [10, { label: 'NG', anomalous: true }],
    ]);
    const { train, heldOut, validation } = splitDataset(data, { seed: 3 });
    expect(labels(data, train)).toEqual(['OK']);
    expect([...validation].filter((input) => input < 40)).toEqual([...heldOut]);
    expect(validation).toHaveLength(14);
  });

  it('has no validation without labels, and no anomalies to tell from', () => {
    expect(splitDataset(dataset([[10, {}]]), { seed: 1 }).validation).toHaveLength(0);
    expect(splitDataset(dataset([...digits('train', 5), ...digits('test', 5)]), { seed: 1 }).validation).toHaveLength(
      0,
    );
  });

  it('keeps the tiles of a picture together', () => {
    const data = dataset([[30, {}]], 4);
    const { train, heldOut } = splitDataset(data, { seed: 5 });
    expect([train.length, heldOut.length]).toEqual([108, 12]);
    const trained = new Set([...train].map((input) => data.itemOf[input]));
    expect([...heldOut].some((input) => trained.has(data.itemOf[input]))).toBe(false);
  });

  it('leaves a picture on each side of the smallest sets', () => {
    expect(splitDataset(dataset([[1, {}]]), { seed: 1 })).toMatchObject({
      train: Int32Array.of(0),
      heldOut: new Int32Array(0),
    });
    expect(splitDataset(dataset([[2, {}]]), { seed: 1 }).heldOut).toHaveLength(1);
  });

  it.each([
    [
      dataset([[3, { label: 'a' }]]),
      { excludeLabels: ['b'] },
      'dataset/unknown-label: No picture has the label "b". Choose one of: a.',
    ],
    [
      dataset([[3, {}]]),
      { excludeLabels: ['b'] },
      'dataset/unknown-label: No picture has the label "b". These pictures have no labels.',
    ],
    [
      dataset([[3, { label: 'a' }]]),
      { excludeLabels: ['a'] },
      'dataset/no-training-images: No normal pictures are left to train on. Add normal pictures, or exclude fewer labels.',
    ],
    [
      dataset([[3, {}]]),
      { heldOutFraction: 1 },
      'dataset/wrong-setting: The held-out fraction is 1. Choose a number from 0 up to, but not including, 1.',
    ],
  ])('says what is wrong', async (data, options, expected) => {
    expect(await errorOf(() => splitDataset(data, { seed: 1, ...options }))).toBe(expected);
  });
});

describe('selectInputs', () => {
  it('gives all tiles of the wanted pictures', () => {
    const data = dataset([...digits('train', 1), ...digits('test', 1)], 2);
    expect([...selectInputs(data, ({ split, label }) => split === 'test' && label !== '0')]).toEqual([
      10, 11, 12, 13, 14, 15,
    ]);
  });
});

describe('splitP1', () => {
  it('trains on 80 % of all normal pictures and tests on the rest with every anomaly', () => {
    const data = dataset([...digits('train', 50), ...digits('test', 25)]);
    const { train, test, anomalous, baseRate, heldOut, validation } = splitP1(data, { seed: 2, anomalyLabel: '4' });
    expect([train.length, test.length, heldOut.length, validation.length]).toEqual([180, 120, 0, 0]);
    expect(labels(data, train)).toEqual(['0', '1', '2']);
    expect([...test].map((input) => Number(data.items[input]?.label === '4'))).toEqual([...anomalous]);
    expect(baseRate).toBeCloseTo(75 / 120);
    expect(new Set([...train, ...test]).size).toBe(300);
  });
});
