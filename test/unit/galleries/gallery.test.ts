import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import sharp from 'sharp';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { latentOf, makePictures, remakePictures, writeGallery } from '../../../core/galleries/gallery.ts';
import { toBytes } from '../../../core/galleries/grid.ts';
import { decodeLatent, encodeLatent, interpolateLatents, sampleLatent } from '../../../core/galleries/latents.ts';
import { readGalleryManifest } from '../../../core/galleries/manifest.ts';
import { planInterpolation, planReconstructions, planSamples } from '../../../core/galleries/plan.ts';
import type { ScoringModel } from '../../../core/scoring/types.ts';
import { fakeModel } from '../scoring/fake-model.ts';

/** Each pixel is a different function of z, so that any change of z is seen. */
function model(): ScoringModel {
  return {
    ...fakeModel(),
    generate: (latents, count) =>
      Promise.resolve(
        Float32Array.from({ length: count * 16 }, (_, j) =>
          Math.tanh(
            (latents[2 * Math.floor(j / 16)] ?? 0) * (j % 16) * 0.1 + (latents[2 * Math.floor(j / 16) + 1] ?? 0),
          ),
        ),
      ),
  };
}

describe('sampleLatent', () => {
  it('depends on seed and number alone', () => {
    expect([...sampleLatent(3, 7, 8, 1)]).toEqual([...sampleLatent(3, 7, 8, 1)]);
    expect([...sampleLatent(3, 7, 8, 1)]).not.toEqual([...sampleLatent(3, 8, 8, 1)]);
    expect([...sampleLatent(3, 7, 8, 1)]).not.toEqual([...sampleLatent(4, 7, 8, 1)]);
  });

  it('is N(0, temperature squared)', () => {
    let sum = 0;
    for (let i = 0; i < 500; i++) for (const value of sampleLatent(1, i, 8, 0.5)) sum += value * value;
    expect(sum / 4000).toBeCloseTo(0.25, 1);
    expect([...sampleLatent(1, 0, 4, 0)].every((value) => value === 0)).toBe(true);
  });

  it('stays what it is from version to version', () => {
    expect([...sampleLatent(1, 0, 2, 1)].map((value) => value.toFixed(6))).toMatchInlineSnapshot(`
      [
        "1.189810",
        "-0.587225",
      ]
    `);
  });
});

describe('interpolateLatents', () => {
  const a = Float32Array.of(3, 0);
  const b = Float32Array.of(0, 3);

  it('ends where it should, to the bit, and keeps its distance from the origin', () => {
    expect(interpolateLatents(a, b, 0)).toEqual(a);
    expect(interpolateLatents(a, b, 1)).toEqual(b);
    const middle = interpolateLatents(a, b, 0.5);
    expect(Math.hypot(...middle)).toBeCloseTo(3, 5);
    expect(middle[0]).toBeCloseTo(middle[1] ?? NaN, 5);
  });

  it('goes straight between parallel vectors and from zero', () => {
    expect([...interpolateLatents(a, Float32Array.of(9, 0), 0.5)]).toEqual([6, 0]);
    expect([...interpolateLatents(Float32Array.of(0, 0), b, 0.5)]).toEqual([0, 1.5]);
  });
});

describe('stored latents', () => {
  it('come back to the bit, and refuse another length', () => {
    const latent = sampleLatent(5, 1, 7, 1);
    expect(decodeLatent(encodeLatent(latent), 7)).toEqual(latent);
    expect(() => decodeLatent(encodeLatent(latent), 8)).toThrow('Use the run');
  });
});

describe('makePictures', () => {
  it('gives picture 7 of 8 as picture 7 of 80, alone, and among others', async () => {
    const few = planSamples({ count: 8, seed: 2, temperature: 1 });
    const many = planSamples({ count: 80, seed: 2, temperature: 1 });
    const [a, b] = [await makePictures(model(), few.pictures), await makePictures(model(), many.pictures)];
    expect(a[7]).toEqual(b[7]);
    expect(await makePictures(model(), many.pictures.slice(7, 8))).toEqual([a[7]]);
    expect(new Set(b.map((pixels) => pixels?.join())).size).toBe(80);
  });
});

describe('plans', () => {
  it('put originals beside their reconstructions', async () => {
    const images = [0, 1, 2].map((i) => ({ name: `${i}.png`, pixels: new Uint8Array(16).fill(60 * i) }));
    const { pictures, originals, columns } = await planReconstructions(model(), images);
    expect(pictures.map(({ kind }) => kind)).toEqual([
      'original',
      'generated',
      'original',
      'generated',
      'original',
      'generated',
    ]);
    expect(originals.get('2.png')?.[0]).toBe(120);
    expect(columns % 2).toBe(0);
    await expect(planReconstructions(model(), [])).rejects.toMatchObject({ code: 'gallery/no-images' });
  });

  it('interpolate from one end to the other', () => {
    const end = (index: number) => ({ kind: 'seed', seed: 1, index, temperature: 1 }) as const;
    const { pictures, columns } = planInterpolation([{ from: end(0), to: end(1) }], 5);
    expect(columns).toBe(5);
    const [first, last] = [pictures[0], pictures[4]].map((picture) =>
      picture === undefined ? null : latentOf(picture, 2),
    );
    expect(first).toEqual(sampleLatent(1, 0, 2, 1));
    expect(last).toEqual(sampleLatent(1, 1, 2, 1));
  });
});

describe('writeGallery', () => {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'gallery-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  const write = (name: string, count = 6) =>
    writeGallery(model(), {
      kind: 'samples',
      plan: planSamples({ count, seed: 9, temperature: 0.8 }),
      run: 'run-1',
      file: path.join(folder, name),
      singles: path.join(folder, 'singles'),
      enlarge: 2,
    });

  it('writes a grid whose cells are the pictures', async () => {
    const { file } = await write('grid.png');
    const { data, info } = await sharp(file).toColourspace('b-w').raw().toBuffer({ resolveWithObject: true });
    // Three columns, two rows of 8 pixels with gaps of 4.
    expect([info.width, info.height, info.channels]).toEqual([40, 28, 1]);
    const [first] = await makePictures(model(), planSamples({ count: 1, seed: 9, temperature: 0.8 }).pictures);
    expect(data[4 * 40 + 4]).toBe(first?.[0]);
    expect(data[(4 + 7) * 40 + 4 + 7]).toBe(first?.[15]);
    expect(data[0]).toBe(244);
    expect((await sharp(file).metadata()).space).toBe('b-w');
  });

  it('makes the same files again, byte for byte', async () => {
    const one = await write('a.png');
    const two = await write('b.png');
    expect(await readFile(two.file)).toEqual(await readFile(one.file));
    expect(one.singles).toHaveLength(6);
  });

  it('leaves a manifest from which each picture is made again, bit for bit', async () => {
    const { manifest, singles } = await write('grid.png');
    const read = await readGalleryManifest(manifest);
    expect(read).toMatchObject({ run: 'run-1', step: 7, fingerprint: 'fake', kind: 'samples' });
    const [again] = await remakePictures(model(), read, [4]);
    const single = await sharp(singles[4]).toColourspace('b-w').raw().toBuffer();
    expect([...(again ?? [])]).toEqual([...single]);
  });

  it('refuses other weights and pictures that are not there', async () => {
    const read = await readGalleryManifest((await write('grid.png')).manifest);
    const other = { ...model(), description: { ...model().description, fingerprint: 'other' } };
    await expect(remakePictures(other, read, [0])).rejects.toMatchObject({ code: 'gallery/other-run' });
    await expect(remakePictures(model(), read, [6])).rejects.toMatchObject({ code: 'gallery/no-picture' });
    await expect(readGalleryManifest(path.join(folder, 'grid.png'))).rejects.toMatchObject({
      code: 'gallery/manifest',
    });
  });

  it('leaves no temporary files', async () => {
    await write('grid.png');
    expect((await readdir(folder)).sort()).toEqual(['grid.json', 'grid.png', 'singles']);
  });
});

describe('toBytes', () => {
  it('undoes the scaling of every byte', () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, i) => i);
    expect(toBytes(Float32Array.from(bytes, (byte) => byte / 127.5 - 1))).toEqual(bytes);
    expect([...toBytes(Float32Array.of(-2, 2))]).toEqual([0, 255]);
  });
});
