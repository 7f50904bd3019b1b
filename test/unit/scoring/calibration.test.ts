import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Random } from '../../../core/random.ts';
import { calibrate, readCalibration, writeCalibration } from '../../../core/scoring/calibration.ts';
import { combine, combinedMembers } from '../../../core/scoring/combination.ts';
import { robustStatistics } from '../../../core/scoring/statistics.ts';
import { scoreImages } from '../../../core/scoring/stream.ts';
import { collect, fakeModel, listOf, picture } from './fake-model.ts';

const random = Random.seeded(2);
const normals = Array.from({ length: 60 }, () => {
  const noise = random.normals(16, 12);
  return picture(4, 4, (x, y) => 128 + (noise[4 * y + x] ?? 0));
});
const indices = normals.map((_, i) => i);

describe('robustStatistics', () => {
  it('is the median and 1.4826 times the median deviation', () => {
    expect(robustStatistics([1, 2, 3, 4, 5])).toEqual({ median: 3, spread: 1.4826 });
  });

  it('is not moved by one outlier', () => {
    const without = robustStatistics([1, 2, 3, 4, 5]);
    const withOne = robustStatistics([1, 2, 3, 4, 5e9]);
    expect(withOne.median).toBe(without.median);
    expect(withOne.spread).toBeCloseTo(without.spread, 6);
  });

  it('has a spread above zero where values are equal', () => {
    expect(robustStatistics([7, 7, 7]).spread).toBe(1);
    expect(robustStatistics([7, 7, 7, 7, 9]).spread).toBeGreaterThan(0);
  });
});

describe('combine', () => {
  const statistics = {
    energy: { median: 0, spread: 1 },
    reconstruction: { median: 10, spread: 2 },
    local: { median: 1, spread: 1 },
  };
  const scores = { energy: 0, reconstruction: 10, local: 1 };

  it('is ln 2 at the median of normals', () => {
    expect(combine(scores, statistics)).toBeCloseTo(Math.LN2, 12);
  });

  it('rises with every member and hides none', () => {
    const base = combine(scores, statistics);
    expect(combine({ ...scores, energy: 0.1 }, statistics)).toBeGreaterThan(base);
    expect(combine({ ...scores, reconstruction: 10.1 }, statistics)).toBeGreaterThan(base);
    expect(combine({ ...scores, local: 1.1 }, statistics)).toBeGreaterThan(base);
    // Ten spreads up in one and ten down in another is still an alarm.
    expect(combine({ energy: 10, reconstruction: -10, local: 1 }, statistics)).toBeGreaterThan(2 * base);
  });

  it('does not overflow', () => {
    expect(combine({ ...scores, energy: 1e300 }, statistics)).toBeGreaterThan(1e299);
  });

  it('leaves the energy out where there is none', () => {
    expect(combinedMembers(['reconstruction', 'local', 'elbo'])).toEqual([
      { name: 'reconstruction', weight: 1 },
      { name: 'local', weight: 1 },
    ]);
  });
});

describe('calibrate', () => {
  it('keeps the raw scores of the held-out normals, as scoring gives them', async () => {
    const model = fakeModel();
    const calibration = await calibrate({ model, list: listOf(normals), indices });
    const scored = await collect(scoreImages({ model, list: listOf(normals), normals: calibration, indices: [5] }));
    const [result] = scored;
    expect(calibration.count).toBe(60);
    expect(result?.kind === 'scored' ? result.scores.energy : null).toBe(calibration.scores.energy?.[5]);
    expect(result?.kind === 'scored' ? result.scores.combined : null).toBe(calibration.scores.combined?.[5]);
  });

  it('has one scale for heatmaps: the median and the 99.9 % quantile of pixels', async () => {
    const { maps } = await calibrate({ model: fakeModel(), list: listOf(normals), indices });
    expect(maps.residual?.low).toBeGreaterThan(0);
    expect(maps.residual?.high).toBeGreaterThan(2 * (maps.residual?.low ?? NaN));
    expect(maps.energy).toBeNull();
  });

  it('comes back from its file, and only for the weights it is of', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'calibration-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const file = path.join(folder, 'held-out.json');
    const model = fakeModel();
    expect(await readCalibration(file, model)).toBeNull();
    const calibration = await calibrate({ model, list: listOf(normals), indices });
    await writeCalibration(file, calibration);
    expect(await readCalibration(file, model)).toEqual(calibration);
    const other = { ...model, description: { ...model.description, fingerprint: 'other weights' } };
    expect(await readCalibration(file, other)).toBeNull();
    await writeFile(file, '{"version": 1');
    expect(await readCalibration(file, model)).toBeNull();
  });

  it('says so when there are no normals', async () => {
    const empty = calibrate({ model: fakeModel(), list: listOf([]), indices: [] });
    await expect(empty).rejects.toMatchObject({ code: 'scoring/no-normals' });
  });
});
