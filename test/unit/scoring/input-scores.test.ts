import { describe, expect, it } from 'vitest';
import { Random } from '../../../core/random.ts';
import { scoreInputs } from '../../../core/scoring/input-scores.ts';
import { fakeModel } from './fake-model.ts';

const count = 70;
const random = Random.seeded(1);
const images = Array.from({ length: count }, () => Uint8Array.from({ length: 16 }, () => random.integer(256)));
const dataset = {
  shape: { height: 4, width: 4, channels: 1 },
  read(indices: ArrayLike<number>, target: Uint8Array) {
    for (let i = 0; i < indices.length; i++) target.set(images[indices[i] ?? -1] ?? [], i * 16);
  },
} as const;

/** Sum of squared differences from the mean: the fake model's -f, and twice its reconstruction error. */
function spreadOf(pixels: Uint8Array): number {
  const values = Array.from(pixels, (value) => value / 127.5 - 1);
  const mean = values.reduce((a, b) => a + b, 0) / 16;
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
}

describe('scoreInputs', () => {
  it('gives each input its own scores, in the order that was asked for, over several batches', async () => {
    const inputs = Array.from({ length: count }, (_, i) => count - 1 - i);
    const scores = await scoreInputs({ model: fakeModel(), dataset, inputs });
    expect([...scores.keys()].sort()).toEqual(['elbo', 'energy', 'features', 'joint', 'local', 'reconstruction']);
    const spreads = inputs.map((input) => spreadOf(images[input] ?? new Uint8Array(16)));
    for (const [i, spread] of spreads.entries()) {
      expect(scores.get('energy')?.[i]).toBeCloseTo(spread, 4);
      expect(scores.get('reconstruction')?.[i]).toBeCloseTo(spread / 2, 4);
      expect(scores.get('joint')?.[i]).toBeCloseTo(1.5 * spread, 4);
    }
    const alone = await scoreInputs({ model: fakeModel(), dataset, inputs: [3], scores: ['features'] });
    expect(alone.get('features')?.[0]).toBe(scores.get('features')?.[count - 1 - 3]);
  });

  it('computes only what the wanted scores look at', async () => {
    const model = fakeModel();
    let calls = 0;
    const counting = {
      ...model,
      energy: (...values: Parameters<NonNullable<typeof model.energy>>) => {
        calls++;
        return model.energy?.(...values) ?? Promise.reject(new Error('no energy'));
      },
    };
    const callsFor = async (...scores: ('energy' | 'features' | 'reconstruction')[]): Promise<number> => {
      calls = 0;
      await scoreInputs({ model: counting, dataset, inputs: [0, 1], scores });
      return calls;
    };
    expect(await callsFor('reconstruction')).toBe(0);
    expect(await callsFor('energy')).toBe(1);
    expect(await callsFor('energy', 'features')).toBe(2);
  });

  it('refuses a score that the model does not have, and stops when it is told to', async () => {
    const plain = scoreInputs({ model: fakeModel({ energy: false }), dataset, inputs: [0], scores: ['energy'] });
    await expect(plain).rejects.toMatchObject({ code: 'scoring/score' });
    const signal = AbortSignal.abort();
    await expect(scoreInputs({ model: fakeModel(), dataset, inputs: [0], signal })).rejects.toMatchObject({
      code: 'cancelled',
    });
  });
});
