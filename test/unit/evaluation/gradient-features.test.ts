import { tmpdir } from 'node:os';
import { mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { openSource } from '../../../core/datasets/open.ts';
import { frechetDistance, momentsOf, type FeatureMoments } from '../../../core/evaluation/frechet.ts';
import { gradientFeatures, gradientFeatureSize } from '../../../core/evaluation/gradient-features.ts';
import { interpolateBilinear, resizeBilinear } from '../../../core/evaluation/resize.ts';
import { Random } from '../../../core/random.ts';
import { sharedData } from '../../shared-data.ts';

interface Pictures {
  readonly pixels: Uint8Array;
  readonly count: number;
  readonly size: number;
  readonly channels: number;
}

const momentsOfPictures = (images: Pictures): FeatureMoments =>
  momentsOf(gradientFeatures(images), gradientFeatureSize);

function noisy({ pixels, ...rest }: Pictures, deviation: number): Pictures {
  const random = Random.seeded(7, 'noise');
  return {
    ...rest,
    pixels: Uint8Array.from(Uint8ClampedArray.from(pixels, (value) => value + deviation * random.normal())),
  };
}

/** The first pictures whose label is wanted, from the `from`-th on. */
async function pictures(
  data: string,
  wanted: (label: string) => boolean,
  from: number,
  count: number,
): Promise<Pictures> {
  const cacheDir = await mkdtemp(path.join(tmpdir(), 'features-'));
  const source = await openSource(data, { cacheDir });
  try {
    const chosen = source.items.flatMap(({ label }, i) => (wanted(label ?? '') ? [i] : [])).slice(from, from + count);
    const images = await Promise.all(chosen.map((index) => source.read(index)));
    const [{ width, channels } = { width: 0, channels: 1 }] = images;
    const pixels = new Uint8Array(images.length * width * width * channels);
    images.forEach((image, i) => pixels.set(image.pixels, i * image.pixels.length));
    return { pixels, count: images.length, size: width, channels };
  } finally {
    await source.close();
    await rm(cacheDir, { recursive: true });
  }
}

describe('gradientFeatures', () => {
  it('sees no gradient in an even image, and its colour', () => {
    const features = gradientFeatures({ pixels: new Uint8Array(3 * 64).fill(255), count: 1, size: 8, channels: 3 });
    expect(features).toHaveLength(gradientFeatureSize);
    // 16 cells of each of three colour planes, mean and spread: only the brightness' 16 means are 1.
    expect(features.filter((value) => value !== 0)).toHaveLength(16);
    expect(Math.max(...features)).toBeCloseTo(1, 6);
  });

  it('tells an edge by its direction', () => {
    const edge = (vertical: boolean): Float32Array =>
      gradientFeatures({
        pixels: Uint8Array.from({ length: 1024 }, (_, i) => ((vertical ? i % 32 : Math.floor(i / 32)) < 16 ? 0 : 255)),
        count: 1,
        size: 32,
        channels: 1,
      });
    const bins = (features: Float32Array): number[] =>
      Array.from({ length: 8 }, (_, bin) =>
        features
          .subarray(0, 128)
          .filter((_v, i) => i % 8 === bin)
          .reduce((a, b) => a + b, 0),
      );
    // From dark to light: to the right is direction 0, downwards a quarter turn.
    expect(bins(edge(true)).map((value) => value > 0)).toEqual([true, false, false, false, false, false, false, false]);
    expect(bins(edge(false)).map((value) => value > 0)).toEqual([
      false,
      false,
      true,
      false,
      false,
      false,
      false,
      false,
    ]);
  });

  it('depends on the image alone and refuses pixels that do not fit', () => {
    const random = Random.seeded(1);
    const pixels = Uint8Array.from({ length: 2 * 784 }, () => random.integer(256));
    const both = gradientFeatures({ pixels, count: 2, size: 28, channels: 1 });
    const second = gradientFeatures({ pixels: pixels.subarray(784), count: 1, size: 28, channels: 1 });
    expect(both.subarray(gradientFeatureSize)).toEqual(second);
    expect(() => gradientFeatures({ pixels, count: 3, size: 28, channels: 1 })).toThrow('whole images');
  });
});

describe('the distance of gradient features', () => {
  const sets = [
    { name: 'built-in digits', data: 'builtin:digits?count=4000', one: '4' },
    { name: 'MNIST', data: sharedData('mnist'), one: '4' },
    { name: 'CIFAR-10', data: sharedData('cifar10/test_batch.bin'), one: 'ship' },
  ];
  for (const { name, data, one } of sets) {
    const title = data === null ? ' (skipped: no shared data)' : '';
    it.skipIf(data === null)(`grows with noise and with classes that are missing, on ${name}${title}`, async () => {
      const draw = (wanted: (label: string) => boolean, from: number, count = 500) =>
        pictures(data ?? '', wanted, from, count);
      const reference = momentsOfPictures(await draw(() => true, 0));
      const distance = (images: Pictures): number => frechetDistance(reference, momentsOfPictures(images));
      const fair = await draw(() => true, 500);
      const floor = distance(fair);
      const byNoise = [5, 20, 80].map((deviation) => distance(noisy(fair, deviation)));
      expect([...byNoise].sort((a, b) => a - b)).toEqual(byNoise);
      expect(byNoise[0]).toBeGreaterThan(floor);
      // A single class is far, and farther than all the others without it.
      const without = distance(await draw((label) => label !== one, 500));
      const alone = distance(await draw((label) => label === one, 0, 300));
      expect(alone).toBeGreaterThan(2 * floor);
      expect(alone).toBeGreaterThan(without);
      expect(without).toBeGreaterThan(floor);
    });
  }
});

describe('resizing', () => {
  it('is the mean of what a shrunk pixel covers, or the two nearest pixels', () => {
    const ramp = Float64Array.of(0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3);
    // Centres at 0.5 and 2.5; the wide triangle takes 0, 1, 2 with weights .75, .75, .25.
    const wide = (0 * 0.75 + 1 * 0.75 + 2 * 0.25) / 1.75;
    expect([...resizeBilinear(ramp, 4, 2)]).toEqual(
      [wide, 3 - wide, wide, 3 - wide].map((value) => expect.closeTo(value, 12) as number),
    );
    expect([...interpolateBilinear(ramp, 4, 2)]).toEqual([0.5, 2.5, 0.5, 2.5]);
  });

  it('repeats the border when it enlarges', () => {
    const two = Float64Array.of(0, 4, 0, 4);
    expect([...interpolateBilinear(two, 2, 4)].slice(0, 4)).toEqual([0, 1, 3, 4]);
  });
});
