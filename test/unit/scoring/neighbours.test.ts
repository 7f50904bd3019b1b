import { describe, expect, it } from 'vitest';
import { Random } from '../../../core/random.ts';
import {
  heldOutNeighbourScores,
  neighbourBank,
  neighbourScore,
  restoredBank,
  storedBank,
} from '../../../core/scoring/neighbours.ts';

const of = (...values: number[]) => Float32Array.from(values);

describe('neighbours', () => {
  const normals = [of(0, 0), of(1, 0), of(0, 2), of(10, 0)];

  it('is the mean distance to the three nearest normals', () => {
    const bank = neighbourBank(normals, 2);
    if (bank === null) throw new Error('no bank');
    expect(neighbourScore(of(0, 0), bank)).toBeCloseTo((0 + 1 + 2) / 3, 6);
    expect(neighbourScore(of(13, 4), bank)).toBeCloseTo((5 + Math.hypot(12, 4) + Math.hypot(13, 2)) / 3, 5);
  });

  it('takes the mean of the three farthest tiles', () => {
    const bank = neighbourBank([of(0), of(0), of(0)], 1);
    if (bank === null) throw new Error('no bank');
    expect(neighbourScore(of(1, 2, 3, 4), bank)).toBeCloseTo(3, 6);
  });

  it('compares normals with the others, not with themselves nor with other tiles of the same picture', () => {
    expect(heldOutNeighbourScores(normals, 2)[0]).toBeCloseTo((1 + 2 + 10) / 3, 6);
    expect(heldOutNeighbourScores([of(0, 0.1), of(5), of(6)], 1)[0]).toBeCloseTo((5.5 + 5.4) / 2, 5);
    expect(heldOutNeighbourScores([of(0, 1)], 1)).toEqual([Number.NaN]);
  });

  it('finds what lies between two kinds of normals, which a distance from the middle does not', () => {
    const random = Random.seeded(1, 'neighbours');
    const around = (centre: number) => Float32Array.from([centre + 0.1 * random.normal(), 0.1 * random.normal()]);
    const pictures = Array.from({ length: 200 }, (_, i) => around(i % 2 === 0 ? -3 : 3));
    const bank = neighbourBank(pictures, 2);
    if (bank === null) throw new Error('no bank');
    const highest = Math.max(...heldOutNeighbourScores(pictures, 2));
    expect(neighbourScore(of(0, 0), bank)).toBeGreaterThan(2 * highest);
  });

  it('keeps a bounded number of rows, evenly, and none of nothing', () => {
    const many = (length: number) => Array.from({ length: 10_000 }, (_, i) => new Float32Array(length).fill(i));
    const short = neighbourBank(many(4), 4);
    expect(short?.rows).toHaveLength(8000 * 4);
    expect(short?.rows.at(-1)).toBeGreaterThan(9990);
    expect(neighbourBank(many(128), 128)?.rows).toHaveLength(512_000);
    expect(neighbourBank([], 32)).toBeNull();
  });

  it('finds the same distances in long vectors as a plain search does', () => {
    const random = Random.seeded(2, 'neighbours');
    const pictures = Array.from({ length: 60 }, () => Float32Array.from(random.normals(37)));
    const vector = Float32Array.from(random.normals(37));
    const distances = pictures.map((row) => Math.hypot(...row.map((value, i) => value - (vector[i] ?? 0))));
    const [a = 0, b = 0, c = 0] = distances.sort((x, y) => x - y);
    const bank = neighbourBank(pictures, 37);
    expect(bank && neighbourScore(vector, bank)).toBeCloseTo((a + b + c) / 3, 5);
  });

  it('comes back from its stored form bit for bit, and not from a damaged one', () => {
    const bank = neighbourBank([of(0.1, -2), of(3e-7, 5)], 2);
    if (bank === null) throw new Error('no bank');
    const stored = storedBank(bank);
    expect(restoredBank(stored)).toEqual(bank);
    expect(restoredBank({ ...stored, rows: stored.rows.slice(4) })).toBeNull();
  });
});
