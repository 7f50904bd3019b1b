import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exportGraph, withExportBackend } from '../../../core/backends/graphs.ts';
import { gradientFeatures, type ByteImages } from '../../../core/evaluation/gradient-features.ts';
import { openExtractor } from '../../../core/experiments/features/extractor.ts';
import { cachedFeatureSet, computeFeatureSet, setDistances } from '../../../core/experiments/features/feature-set.ts';
import { Random } from '../../../core/random.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'features-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** Stands in for Inception-v3: the mean of each colour, over and over, and another output that is not wanted. */
async function colourMeans(inputs: readonly number[], outputs = 2048): Promise<string> {
  const channel = inputs.indexOf(3) + 1;
  const others = [1, 2, 3].filter((axis) => axis !== channel);
  const file = path.join(folder, `${inputs.join('x')}-${outputs}.onnx`);
  const bytes = await withExportBackend(() =>
    exportGraph({
      inputs: { pixels: inputs },
      forward: ({ pixels }) => {
        const means = tf.mean(pixels as tf.Tensor4D, others);
        const spread = tf.tensor2d(
          Float32Array.from({ length: 3 * outputs }, (_, i) => Number((i % outputs) % 3 === Math.floor(i / outputs))),
          [3, outputs],
        );
        return { logits: tf.mul(means, 2), pooled: tf.matMul(means, spread) };
      },
    }),
  );
  await writeFile(file, bytes);
  return file;
}

function images(count: number, seed: number): ByteImages {
  const random = Random.seeded(seed);
  return { pixels: Uint8Array.from({ length: count * 192 }, () => random.integer(256)), count, size: 8, channels: 3 };
}

describe('Inception from a file', () => {
  it.each([[[3, 299, 299]], [[299, 299, 3]]])('is fed 299x299 in [-1, 1], input [n, %j]', async (shape) => {
    const extractor = await openExtractor(await colourMeans(shape), 1);
    expect(extractor).toMatchObject({ distance: 'FID', size: 2048 });
    const pixels = Uint8Array.from({ length: 2 * 192 }, (_, i) => (i < 192 ? [255, 0, 51][i % 3] : 255) ?? 0);
    const features = await extractor.extract({ pixels, count: 2, size: 8, channels: 3 });
    await extractor.dispose();
    expect(features).toHaveLength(2 * 2048);
    // 51 is a fifth of the way from -1 to 1.
    expect([...features.subarray(0, 4)]).toEqual([1, -1, -0.6, 1].map((value) => expect.closeTo(value, 3) as number));
    expect(features[2048]).toBeCloseTo(1, 4);
  });

  it('takes grey images as three equal planes', async () => {
    const extractor = await openExtractor(await colourMeans([3, 299, 299]), 1);
    const features = await extractor.extract({ pixels: new Uint8Array(64).fill(0), count: 1, size: 8, channels: 1 });
    await extractor.dispose();
    expect([...features.subarray(0, 3)]).toEqual([-1, -1, -1].map((value) => expect.closeTo(value, 3) as number));
  });

  it('refuses other networks, other files and none', async () => {
    const code = { code: 'experiment/inception' };
    await expect(openExtractor(await colourMeans([3, 32, 32]), 1)).rejects.toMatchObject(code);
    const small = await openExtractor(await colourMeans([3, 299, 299], 1000), 1);
    await expect(small.extract(images(1, 1))).rejects.toMatchObject(code);
    await small.dispose();
    const text = path.join(folder, 'text.onnx');
    await writeFile(text, 'no network');
    await expect(openExtractor(text, 1)).rejects.toMatchObject(code);
    await expect(openExtractor(path.join(folder, 'none.onnx'), 1)).rejects.toMatchObject(code);
  });
});

describe('feature sets', () => {
  it('are the same from the cache, which is looked at again only for the same content', async () => {
    const extractor = await openExtractor(null, 1);
    const cache = path.join(folder, 'cache');
    let computed = 0;
    const set = images(30, 1);
    const request = {
      extractor,
      count: 30,
      images: async function* () {
        computed++;
        yield await Promise.resolve({ ...set, count: 20, pixels: Uint8Array.from(set.pixels).subarray(0, 20 * 192) });
        yield { ...set, count: 10, pixels: Uint8Array.from(set.pixels).subarray(20 * 192) };
      },
    };
    const first = await cachedFeatureSet(cache, 'a', request);
    const second = await cachedFeatureSet(cache, 'a', request);
    expect(computed).toBe(1);
    expect(second).toEqual(first);
    await cachedFeatureSet(cache, 'b', request);
    expect(computed).toBe(2);
    // A damaged file is made again.
    const [name = ''] = await readdir(cache);
    await writeFile(path.join(cache, name), 'x');
    await cachedFeatureSet(cache, 'a', request);
    await cachedFeatureSet(cache, 'b', request);
    expect(computed).toBe(3);
    // Rounding in the file is below single precision.
    const exact = await computeFeatureSet(request);
    const worst = exact.moments.covariance.reduce(
      (most, value, i) => Math.max(most, Math.abs(value - (first.moments.covariance[i] ?? NaN))),
      0,
    );
    expect(worst).toBeLessThan(1e-12);
    expect(exact.subset).toEqual(gradientFeatures(set));
  });

  it('have no distance from themselves', async () => {
    const extractor = await openExtractor(null, 1);
    const of = (seed: number) =>
      computeFeatureSet({
        extractor,
        count: 20,
        images: async function* () {
          yield await Promise.resolve(images(20, seed));
        },
      });
    const [a, b] = [await of(1), await of(2)];
    expect(setDistances(a, a)).toMatchObject({ frechet: expect.closeTo(0, 6) as number, precision: 1, recall: 1 });
    expect(setDistances(a, b)['frechet']).toBeGreaterThan(0.01);
  });
});
