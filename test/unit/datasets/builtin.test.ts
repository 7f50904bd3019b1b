import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { openSource } from '../../../core/datasets/index.ts';

const sha = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex').slice(0, 16);
const mean = (values: ArrayLike<number>) => Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;

describe('builtin:digits', () => {
  it('has ten classes in equal numbers, split for training and testing', async () => {
    const source = await openSource('builtin:digits');
    expect(source.description).toBe('Built-in digits: 5,000 for training, 1,000 for testing, 28x28 grey');
    const fours = source.items.filter(({ label }) => label === '4');
    expect([fours.length, fours.filter(({ split }) => split === 'test').length]).toEqual([600, 100]);
    expect(new Set(source.items.map(({ name }) => name)).size).toBe(6000);
  });

  it('draws each picture from seed and index alone', async () => {
    const [one, two, other] = await Promise.all(
      [1, 1, 2].map((seed) => openSource(`builtin:digits?seed=${seed}&count=100`)),
    );
    for (const index of [57, 3, 99]) await one?.read(index);
    expect((await one?.read(42))?.pixels).toEqual((await two?.read(42))?.pixels);
    expect((await one?.read(42))?.pixels).not.toEqual((await other?.read(42))?.pixels);
    expect(one?.fingerprint).toBe(two?.fingerprint);
    expect(one?.fingerprint).not.toBe(other?.fingerprint);
  });

  it('is what it was: changing the pictures needs a new version in their fingerprint', async () => {
    const source = await openSource('builtin:digits');
    expect([sha((await source.read(0)).pixels), sha((await source.read(4321)).pixels)]).toEqual([
      'af5043ca9abaf8f6',
      '60bd98195579f5ca',
    ]);
  });

  it('writes like MNIST: ink in the middle, dark borders, no two alike', async () => {
    const source = await openSource('builtin:digits?count=400');
    const seen = new Set<string>();
    for (let i = 0; i < 400; i++) {
      const { pixels } = await source.read(i);
      seen.add(sha(pixels));
      const ink = mean(pixels) / 255;
      expect(ink).toBeGreaterThan(0.02);
      expect(ink).toBeLessThan(0.35);
      expect(Math.max(...pixels)).toBeGreaterThan(150);
      expect(mean(pixels.subarray(0, 28)) + mean(pixels.subarray(27 * 28))).toBeLessThan(12);
    }
    expect(seen.size).toBe(400);
  });

  it('can be told apart by their class means', async () => {
    const source = await openSource('builtin:digits?count=1200');
    const means = Array.from({ length: 10 }, () => new Float64Array(784));
    for (let i = 0; i < 1000; i++) {
      const { pixels } = await source.read(i);
      means[i % 10] = (means[i % 10] ?? new Float64Array(784)).map((sum, at) => sum + (pixels[at] ?? 0) / 100);
    }
    let right = 0;
    for (let i = 1000; i < 1200; i++) {
      const { pixels } = await source.read(i);
      const distances = means.map((centre) =>
        pixels.reduce((sum, value, at) => sum + (value - (centre[at] ?? 0)) ** 2, 0),
      );
      if (distances.indexOf(Math.min(...distances)) === i % 10) right++;
    }
    expect(right / 200).toBeGreaterThan(0.7);
  });
});

describe('builtin:tiles', () => {
  it('trains on good surfaces and tests on three kinds of defect with masks', async () => {
    const source = await openSource('builtin:tiles');
    expect(source.description).toBe(
      'Built-in tiles: 2,000 good for training, 200 good and 200 defective for testing (crack, spot, scratch), 64x64 RGB',
    );
    expect(source.items.filter(({ split }) => split === 'train').every(({ anomalous }) => anomalous === false)).toBe(
      true,
    );
    expect(source.items.filter(({ hasMask }) => hasMask)).toHaveLength(200);
  });

  it('is what it was: changing the pictures needs a new version in their fingerprint', async () => {
    const source = await openSource('builtin:tiles');
    expect([sha((await source.read(0)).pixels), sha((await source.read(2399)).pixels)]).toEqual([
      '4c92ca122ab528c2',
      '7ca6ab1cd6187325',
    ]);
  });

  it('has one kind of surface where that is asked for, with the same plan', async () => {
    const [all, metal] = await Promise.all(
      ['', '&kind=metal'].map((kind) => openSource(`builtin:tiles?count=60${kind}`)),
    );
    expect(metal?.description).toMatch(/^Built-in tiles \(metal\): 50 good for training/);
    expect(metal?.items).toEqual(all?.items);
    // Metal is the bluish one: its blue is above its red, which holds for no other surface.
    for (let i = 0; i < 50; i++) {
      const { pixels } = (await metal?.read(i)) ?? { pixels: new Uint8Array() };
      const channel = (which: number) => mean(pixels.filter((_, at) => at % 3 === which));
      expect(channel(2)).toBeGreaterThan(channel(0));
    }
  });

  it('masks cover the defect: a small part of the picture, and where it differs from its surroundings', async () => {
    const source = await openSource('builtin:tiles?count=360');
    for (let i = 330; i < 360; i++) {
      const mask = (await source.readMask(i))?.pixels ?? new Uint8Array();
      const share = mean(mask) / 255;
      expect(share).toBeGreaterThan(0.005);
      expect(share).toBeLessThan(0.12);
    }
    expect(await source.readMask(0)).toBeNull();
  });

  it('defects are not told by mean brightness', async () => {
    const source = await openSource('builtin:tiles?count=1200');
    const brightness: { value: number; anomalous: boolean }[] = [];
    for (let i = 1000; i < 1200; i++) {
      brightness.push({ value: mean((await source.read(i)).pixels), anomalous: source.items[i]?.anomalous === true });
    }
    const [normal, odd] = [false, true].map((kind) =>
      brightness.filter(({ anomalous }) => anomalous === kind).map(({ value }) => value),
    );
    const wins = (odd ?? []).flatMap((a) => (normal ?? []).map((b) => Number(a > b)));
    expect(Math.abs(mean(wins) - 0.5)).toBeLessThan(0.2);
  });
});
