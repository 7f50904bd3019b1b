/** Training images like a picture, with and without an inference model. */
import { describe, expect, it } from 'vitest';
import { nearestTo, placesOf, spaceOf } from '../../../core/scoring/nearest.ts';
import type { ScoringModel } from '../../../core/scoring/types.ts';
import { fakeModel } from './fake-model.ts';

describe('nearest images', () => {
  it('are looked for in the latent space where pictures are inferred, else among the features of the critic', async () => {
    const model = fakeModel();
    const images = new Float32Array(2 * 16).fill(0.5);
    expect(spaceOf(model)).toBe('latent');
    expect(await placesOf(model, images, 2)).toEqual((await model.infer(images, 2)).mean);
    const critic: ScoringModel = {
      ...model,
      reconstructs: false,
      infer: () => Promise.reject(new Error('no inference model')),
      energy: (_, __, count) =>
        Promise.resolve({
          f: new Float32Array(count),
          features: Float32Array.from({ length: 3 * count }, (_, i) => i),
        }),
    };
    expect(spaceOf(critic)).toBe('features');
    expect([...(await placesOf(critic, images, 2))]).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it('come closest first, the earlier one of two at the same distance', () => {
    const index = { names: ['a', 'b', 'c'], indices: [4, 5, 9], places: Float32Array.of(0, 3, 1, 0, 0, -1), width: 2 };
    expect(nearestTo(index, Float32Array.of(0, 0), 3)).toEqual([
      { name: 'b', index: 5, distance: 1 },
      { name: 'c', index: 9, distance: 1 },
      { name: 'a', index: 4, distance: 3 },
    ]);
  });
});
