import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { pictureError } from '../../../core/datasets/picture-problem.ts';
import type { DecodedImage, Preparation } from '../../../core/datasets/types.ts';
import type { PictureList } from '../../../core/scoring/pictures.ts';
import { scoreImages } from '../../../core/scoring/stream.ts';
import type { ScoredImage, ScoreResult } from '../../../core/scoring/types.ts';
import { collect, fakeModel, listOf, picture } from './fake-model.ts';

const tiled: Preparation = { size: 4, channels: 1, resize: 'fill', tiles: { stride: 4, scale: 1 } };

function noisy(seed: number): DecodedImage {
  return picture(4, 4, (x, y) => (x * 37 + y * 91 + seed * 53) % 256);
}

function scored(results: readonly ScoreResult[]): ScoredImage[] {
  return results.filter((result) => result.kind === 'scored');
}

describe('scoreImages', () => {
  it('gives the scores that the formulas say', async () => {
    // Half black, half white: mean 0, every residual 1, 16 pixels.
    const half = picture(4, 4, (x) => (x < 2 ? 0 : 255));
    const [result] = scored(await collect(scoreImages({ model: fakeModel(), list: listOf([half]) })));
    expect(result?.scores.reconstruction).toBeCloseTo(8, 5);
    expect(result?.scores.elbo).toBeCloseTo(8, 5);
    expect(result?.scores.energy).toBeCloseTo(16, 5);
    expect(result?.scores.joint).toBeCloseTo(24, 5);
    expect(result?.scores.features).toBeCloseTo(4, 5);
    expect(result?.scores.combined).toBeUndefined();
    expect(result?.rmse).toBeCloseTo(1, 6);
  });

  it('adds the divergence to the negative ELBO', async () => {
    const white = picture(4, 4, () => 255);
    const [result] = scored(await collect(scoreImages({ model: fakeModel(), list: listOf([white]) })));
    // Mean (1, 0), variance 1: KL is half a nat.
    expect(result?.scores.elbo).toBeCloseTo(0.5, 6);
  });

  it('leaves out the scores that need an energy network', async () => {
    const model = fakeModel({ energy: false });
    const [result] = scored(await collect(scoreImages({ model, list: listOf([noisy(1)]) })));
    const names = Object.keys(result?.scores ?? {});
    expect(names).toEqual(expect.arrayContaining(['elbo', 'reconstruction']));
    for (const name of ['energy', 'joint', 'features']) expect(names).not.toContain(name);
  });

  it('keeps the order of the input when later pictures are read first', async () => {
    const pictures = Array.from({ length: 23 }, (_, i) => noisy(i));
    const list: PictureList = {
      ...listOf(pictures),
      read: (index) => wait((23 - index) % 5).then(() => pictures[index] ?? noisy(0)),
    };
    const results = await collect(scoreImages({ model: fakeModel(), list, batchSize: 4 }));
    expect(results.map(({ name }) => name)).toEqual(pictures.map((_, i) => `${i}.png`));
  });

  it('scores an image alike alone, among others and in another order', async () => {
    const pictures = Array.from({ length: 11 }, (_, i) => noisy(i));
    const all = scored(await collect(scoreImages({ model: fakeModel(), list: listOf(pictures), batchSize: 4 })));
    const reversed = scored(
      await collect(scoreImages({ model: fakeModel(), list: listOf([...pictures].reverse()), batchSize: 4 })),
    ).reverse();
    const alone = scored(await collect(scoreImages({ model: fakeModel(), list: listOf([noisy(6)]), batchSize: 4 })));
    expect(reversed.map(({ scores }) => scores)).toEqual(all.map(({ scores }) => scores));
    expect(alone[0]?.scores).toEqual(all[6]?.scores);
  });

  it('always fills the batch, so that results do not depend on how many images there are', async () => {
    const model = fakeModel();
    await collect(scoreImages({ model, list: listOf([noisy(0), noisy(1), noisy(2)]), batchSize: 2 }));
    expect(model.batches).toEqual([2, 2]);
  });

  it('reports a bad picture in its place and goes on', async () => {
    const list = listOf([noisy(0), pictureError('truncated', 'Ends in the middle.'), noisy(2)]);
    const results = await collect(scoreImages({ model: fakeModel(), list }));
    expect(results.map(({ kind }) => kind)).toEqual(['scored', 'skipped', 'scored']);
    expect(results[1]).toMatchObject({ name: '1.png', problem: { kind: 'truncated', detail: 'Ends in the middle.' } });
  });

  it('stops on an error that is not one picture’s fault', async () => {
    const list = listOf([noisy(0), new Error('the disk went away'), noisy(2)]);
    await expect(collect(scoreImages({ model: fakeModel(), list }))).rejects.toThrow('the disk went away');
  });

  it('never has more pictures under way than it was allowed', async () => {
    let underWay = 0;
    let most = 0;
    let read = 0;
    const list: PictureList = {
      items: Array.from({ length: 200 }, (_, i) => ({ name: String(i) })),
      async read(index) {
        read++;
        most = Math.max(most, ++underWay);
        await wait(0);
        underWay--;
        return noisy(index);
      },
    };
    let given = 0;
    let furthest = 0;
    for await (const result of scoreImages({ model: fakeModel(), list, batchSize: 4, ahead: 6 })) {
      given++;
      furthest = Math.max(furthest, read - given);
      expect(result.index).toBe(given - 1);
    }
    expect(most).toBeLessThanOrEqual(6);
    // Decoded ahead, plus those that wait in a batch.
    expect(furthest).toBeLessThanOrEqual(6 + 4);
    expect(given).toBe(200);
  });

  it('gives the first results before the last pictures are read', async () => {
    let read = 0;
    const list: PictureList = {
      items: Array.from({ length: 100 }, (_, i) => ({ name: String(i) })),
      read: (index) => Promise.resolve(noisy(index)).finally(() => read++),
    };
    for await (const result of scoreImages({ model: fakeModel(), list, batchSize: 4, ahead: 4 })) {
      expect(result.index).toBe(0);
      break;
    }
    expect(read).toBeLessThan(20);
  });

  it('stops at an abort', async () => {
    const abort = new AbortController();
    const list = listOf(Array.from({ length: 50 }, (_, i) => noisy(i)));
    const run = async (): Promise<void> => {
      for await (const { index } of scoreImages({
        model: fakeModel(),
        list,
        batchSize: 2,
        ahead: 2,
        signal: abort.signal,
      })) {
        if (index === 5) abort.abort();
      }
    };
    await expect(run()).rejects.toMatchObject({ code: 'cancelled' });
  });

  it('shares batches between the tiles of several pictures, and ranks a picture by its worst tiles', async () => {
    const model = fakeModel({ preparation: tiled });
    const plain = picture(8, 8, () => 100);
    const spot = picture(8, 8, (x, y) => (x < 4 && y < 4 ? (x % 2) * 255 : 100));
    const list = listOf([plain, spot, plain]);
    const results = scored(await collect(scoreImages({ model, list, batchSize: 8, maps: true })));
    expect(model.batches).toEqual([8, 8]);
    expect(results.map(({ tiles }) => tiles)).toEqual([4, 4, 4]);
    // One of the three tiles averaged has energy 16.
    expect(results[1]?.scores.energy).toBeCloseTo(16 / 3, 4);
    expect(results[0]?.scores).toEqual(results[2]?.scores);
    const maps = results[1]?.maps;
    expect(maps?.energy?.[0]).toBeCloseTo(16, 4);
    expect(maps?.energy?.[63]).toBeCloseTo(0, 4);
    expect(maps?.pixels[1]).toBe(255);
    expect(maps?.pixels[63]).toBe(100);
  });

  it('tells its progress', async () => {
    const seen: string[] = [];
    const list = listOf([noisy(0), pictureError('empty', 'No bytes.'), noisy(2)]);
    await collect(
      scoreImages({
        model: fakeModel(),
        list,
        onProgress: ({ done, total, skipped }) => seen.push(`${done}/${total} ${skipped}`),
      }),
    );
    expect(seen).toEqual(['1/3 0', '2/3 1', '3/3 1']);
  });
});
