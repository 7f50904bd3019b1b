import { appendFile, mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { countAbove, SessionTable } from '../../../core/library/session-table.ts';
import {
  chooseRows,
  confusionOf,
  curveOf,
  effectOf,
  histogramOf,
  metricsOf,
  thresholdOf,
} from '../../../core/library/session-views.ts';
import type { Calibration } from '../../../core/scoring/calibration.ts';
import { thresholdByHand } from '../../../core/scoring/threshold.ts';

const dir = await mkdtemp(path.join(os.tmpdir(), 'triangle-table-'));
afterAll(() => rm(dir, { recursive: true }));

const names = ['energy', 'combined'] as const;

function filled(folder: string, count: number): SessionTable {
  const table = new SessionTable(path.join(dir, folder), names);
  for (let i = 0; i < count; i++) {
    const value = (i * 7919) % count;
    table.add({
      name: `p${i}.png`,
      source: i,
      scores: { energy: value, combined: -value },
      rmse: i / 2,
      tiles: 1,
      label: i % 3 === 0 ? 0 : i % 3 === 1 ? 1 : 2,
    });
  }
  return table;
}

const calibration = {
  scores: { energy: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9], combined: [] },
  onTraining: false,
} as unknown as Calibration;

describe('the table of a session', () => {
  it('comes back from the disk as it was, labels included', async () => {
    const table = filled('back', 2500);
    await table.flush();
    table.setLabel(5, 2);
    await table.saveLabels();
    const again = await SessionTable.load(path.join(dir, 'back'), names);
    expect(again.count).toBe(2500);
    expect(again.names[2499]).toBe('p2499.png');
    expect(again.scores(1234)).toEqual(table.scores(1234));
    expect([again.source(7), again.rmse(7), again.tiles(7), again.label(5)]).toEqual([7, 3.5, 1, 2]);
    expect(again.labelCounts()).toEqual(table.labelCounts());
  });

  it('loses at most the torn row when the process was killed while it wrote', async () => {
    const table = filled('torn', 100);
    await table.flush();
    await appendFile(path.join(dir, 'torn/rows.bin'), Buffer.alloc(11));
    await appendFile(path.join(dir, 'torn/names.jsonl'), '"p100');
    expect((await SessionTable.load(path.join(dir, 'torn'), names)).count).toBe(100);
  });

  it('appends what came since the last flush', async () => {
    const table = filled('twice', 10);
    await table.flush();
    table.add({
      name: 'late.png',
      source: 10,
      scores: { energy: 1e-300, combined: 1 / 3 },
      rmse: 0.1,
      tiles: 2,
      label: 0,
    });
    await table.flush();
    const again = await SessionTable.load(path.join(dir, 'twice'), names);
    expect(again.scores(10)).toEqual({ energy: 1e-300, combined: 1 / 3 });
  });

  it('sorts 100,000 rows, most anomalous first, equal ones as they came, NaN last', () => {
    const table = filled('sorted', 100_000);
    table.add({ name: 'nan.png', source: 0, scores: { energy: NaN, combined: 0 }, rmse: 0, tiles: 1, label: 0 });
    const order = table.byScore('energy');
    expect(table.score(order[0] ?? 0, 'energy')).toBe(99_999);
    expect(order.at(-1)).toBe(100_000);
    for (let i = 1; i < 100_000; i += 997) {
      expect(table.score(order[i - 1] ?? 0, 'energy')).toBeGreaterThanOrEqual(table.score(order[i] ?? 0, 'energy'));
    }
  });
});

describe('what is shown of it', () => {
  const table = filled('', 30);
  const threshold = thresholdByHand(20);

  it('filters by call, label and name', () => {
    const above = chooseRows(table, 'energy', threshold, 'most-anomalous', { predicted: 'anomalous' });
    expect(above.length).toBe(9);
    expect(Array.from(above, (row) => table.score(row, 'energy'))).toEqual([29, 28, 27, 26, 25, 24, 23, 22, 21]);
    expect(chooseRows(table, 'energy', threshold, 'input', { label: 'normal' })).toHaveLength(10);
    expect(chooseRows(table, 'energy', threshold, 'name', { search: 'P2' })).toHaveLength(11);
    const least = chooseRows(table, 'energy', threshold, 'least-anomalous');
    expect(table.score(least[0] ?? 0, 'energy')).toBe(0);
  });

  it('counts what a threshold does', () => {
    expect(effectOf(table, calibration, 'energy', thresholdByHand(7))).toMatchObject({
      above: 22,
      total: 30,
      heldOutAbove: 2,
      heldOutTotal: 10,
    });
    expect(countAbove(Float64Array.of(1, 2, 2, 3), 2)).toBe(1);
    const confusion = confusionOf(table, 'energy', threshold);
    const { truePositives = 0, falsePositives = 0, trueNegatives = 0, falseNegatives = 0 } = confusion ?? {};
    expect(truePositives + falsePositives + trueNegatives + falseNegatives).toBe(20);
  });

  it('sets thresholds from held-out normals, by labels, by hand', () => {
    expect(thresholdOf(table, calibration, 'energy', { kind: 'false-alarms', rate: 0.2 }).value).toBe(8);
    expect(thresholdOf(table, calibration, 'energy', { kind: 'best-f1' }).kind).toBe('best-f1');
    const bare = new SessionTable('', names);
    expect(() => thresholdOf(bare, calibration, 'energy', { kind: 'best-f1' })).toThrow('labels of both kinds');
  });

  it('has one histogram over both', () => {
    const { edges, heldOut, these, labelledAnomalous } = histogramOf(table, calibration, 'energy', 10);
    const sum = (values: number[]) => values.reduce((a, b) => a + b, 0);
    expect([edges.length, sum(heldOut), sum(these), sum(labelledAnomalous)]).toEqual([11, 10, 30, 10]);
    const curve = curveOf(table, calibration, 'energy', 30);
    expect(curve.these[0]).toBe(29);
    expect(curve.these.at(-1)).toBe(0);
  });

  it('gives metrics only where both kinds of label are', () => {
    const metrics = metricsOf(table, 'energy', threshold);
    expect(metrics.baseRate).toBe(0.5);
    expect(metrics.scores[0]?.image_AUROC).toBeCloseTo(1 - (metrics.scores[1]?.image_AUROC ?? NaN), 12);
    const bare = new SessionTable('', names);
    expect(metricsOf(bare, 'energy', threshold)).toMatchObject({
      baseRate: null,
      confusion: null,
      scores: [{ image_AUROC: null }, {}],
    });
  });
});
