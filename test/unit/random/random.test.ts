import { describe, expect, it } from 'vitest';
import { Random } from '../../../core/random.ts';

describe('Random', () => {
  it('follows xoshiro128** from a given state', () => {
    // First outputs of the reference algorithm for the words 1, 2, 3, 4, worked out by hand for the first two:
    // rotl(2 * 5, 7) * 9 = 11520; the second word is then 0, so 0.
    const random = Random.restored({ words: [1, 2, 3, 4], spare: null });
    expect([random.uint32(), random.uint32(), random.uint32()]).toEqual([11520, 0, 5927040]);
  });

  it('gives the same numbers for the same seed and stream, others for other ones', () => {
    const draw = (seed: number, stream?: string) => Random.seeded(seed, stream).normals(8);
    expect(draw(7, 'data')).toEqual(draw(7, 'data'));
    expect(draw(7, 'data')).not.toEqual(draw(7, 'noise'));
    expect(draw(7)).not.toEqual(draw(8));
  });

  it('goes on bit for bit from a saved state, also between the two normals of a pair', () => {
    for (const before of [0, 1, 2, 5]) {
      const random = Random.seeded(1);
      random.normals(before);
      const saved: unknown = JSON.parse(JSON.stringify(random.state()));
      const restored = Random.restored(saved as ReturnType<Random['state']>);
      expect(restored.normals(9)).toEqual(random.normals(9));
      expect(restored.uint32()).toBe(random.uint32());
    }
  });

  it('draws uniform and normal numbers with the right moments', () => {
    const random = Random.seeded(11);
    const count = 20_000;
    const uniform = Array.from({ length: count }, () => random.uniform());
    const normal = random.normals(count);
    const mean = (values: ArrayLike<number>) => Array.from(values).reduce((sum, value) => sum + value, 0) / count;
    expect(Math.min(...uniform)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...uniform)).toBeLessThan(1);
    // Four standard errors each.
    expect(Math.abs(mean(uniform) - 0.5)).toBeLessThan(4 * Math.sqrt(1 / 12 / count));
    expect(Math.abs(mean(normal))).toBeLessThan(4 / Math.sqrt(count));
    expect(Math.abs(mean(normal.map((value) => value ** 2)) - 1)).toBeLessThan(4 * Math.sqrt(2 / count));
    expect(Math.abs(mean(normal.map((value) => value ** 4)) - 3)).toBeLessThan(4 * Math.sqrt(96 / count));
  });

  it('draws integers below the bound, each equally often', () => {
    const random = Random.seeded(2);
    const counts = [0, 0, 0, 0, 0];
    for (let i = 0; i < 10_000; i++) {
      const value = random.integer(5);
      counts[value] = (counts[value] ?? NaN) + 1;
    }
    expect(counts).toHaveLength(5);
    for (const count of counts) expect(Math.abs(count - 2000)).toBeLessThan(160);
  });

  it('shuffles to a permutation, arrays and typed arrays alike', () => {
    const items = Array.from({ length: 100 }, (_, i) => i);
    const shuffled = Random.seeded(4).shuffle([...items]);
    expect(shuffled).not.toEqual(items);
    expect([...shuffled].sort((a, b) => a - b)).toEqual(items);
    expect(Array.from(Random.seeded(4).shuffle(Int32Array.from(items)))).toEqual(shuffled);
  });
});
