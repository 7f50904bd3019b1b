import { describe, expect, it } from 'vitest';
import { openSource, summarise } from '../../../core/datasets/index.ts';

describe('summarise', () => {
  it('counts labels by split, masks and problems', () => {
    const item = { split: null, anomalous: null, hasMask: false } as const;
    const summary = summarise({
      format: 'ok-ng',
      description: 'made by a test',
      fingerprint: 'f',
      items: [
        { ...item, name: 'a', label: 'ok', anomalous: false },
        { ...item, name: 'b', label: 'ok', anomalous: false, split: 'test' },
        { ...item, name: 'c', label: 'ng', anomalous: true, split: 'test', hasMask: true },
      ],
      problems: [
        { name: 'd', kind: 'tiny', detail: '' },
        { name: 'e', kind: 'tiny', detail: '' },
      ],
    });
    expect(summary).toMatchObject({ pictures: 3, masks: 1, sizes: null, problems: { tiny: 2 } });
    expect(summary.labels).toEqual([
      { label: 'ng', train: 0, test: 1, unsplit: 0, anomalous: true },
      { label: 'ok', train: 0, test: 1, unsplit: 1, anomalous: false },
    ]);
  });

  it('knows sizes of containers before they are decoded', async () => {
    const { sizes, format } = summarise(await openSource('builtin:tiles?count=60'));
    expect(format).toBe('builtin:tiles');
    expect(sizes).toEqual({ min: [64, 64], median: [64, 64], max: [64, 64], channels: { grey: 0, colour: 60 } });
  });
});
