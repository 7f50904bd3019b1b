import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import sharp from 'sharp';
import { describe, expect, it, onTestFinished } from 'vitest';
import { auroc } from '../../../core/evaluation/auroc.ts';
import { Random } from '../../../core/random.ts';
import { colourTable } from '../../../core/scoring/colours.ts';
import { HeatmapFolder, safeName } from '../../../core/scoring/heatmap-files.ts';
import { colourBar, colourMap, onScale, overlay } from '../../../core/scoring/heatmap.ts';
import { PixelRanking } from '../../../core/scoring/pixel-ranking.ts';
import { blendTiles, smooth, topMean } from '../../../core/scoring/tiles.ts';

const scale = { low: 1, high: 3 };

/** CIE lightness of an sRGB colour. */
function lightness(i: number): number {
  const linear = [0, 1, 2].map((channel) => {
    const value = (colourTable[3 * i + channel] ?? 0) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  const y = 0.2126 * (linear[0] ?? 0) + 0.7152 * (linear[1] ?? 0) + 0.0722 * (linear[2] ?? 0);
  return y > 0.008856 ? 116 * Math.cbrt(y) - 16 : 903.3 * y;
}

describe('colours', () => {
  it('become lighter with every step of eight, from near black to near white', () => {
    for (let i = 8; i < 256; i += 8) expect(lightness(i)).toBeGreaterThan(lightness(i - 8));
    expect(lightness(0)).toBeLessThan(2);
    expect(lightness(255)).toBeGreaterThan(92);
  });

  it('differ by about as much everywhere in the upper three quarters', () => {
    const steps = Array.from({ length: 12 }, (_, i) => lightness(64 + 16 * (i + 1) - 1) - lightness(64 + 16 * i));
    expect(Math.max(...steps) / Math.min(...steps)).toBeLessThan(2);
  });
});

describe('the fixed scale', () => {
  it('gives a value the same colour in every picture', () => {
    const calm = colourMap(Float32Array.of(1, 1, 1, 2), 2, 2, scale);
    const wild = colourMap(Float32Array.of(2, 9, 50, 3), 2, 2, scale);
    expect([...calm.pixels.slice(9, 12)]).toEqual([...wild.pixels.slice(0, 3)]);
    expect([...calm.pixels.slice(0, 3)]).toEqual([...colourTable.slice(0, 3)]);
    expect([...wild.pixels.slice(3, 6)]).toEqual([...colourTable.slice(765, 768)]);
  });

  it('clips at both ends', () => {
    expect(onScale(-5, scale)).toBe(0);
    expect(onScale(2, scale)).toBe(0.5);
    expect(onScale(99, scale)).toBe(1);
  });

  it('leaves the normal parts of an overlay as the picture is', () => {
    const maps = {
      width: 2,
      height: 1,
      residual: Float32Array.of(0.5, 3),
      place: null,
      energy: null,
      pixels: Uint8Array.of(77, 77),
      channels: 1,
    } as const;
    const { pixels } = overlay(maps, maps.residual, scale);
    expect([...pixels.slice(0, 3)]).toEqual([77, 77, 77]);
    expect([...pixels.slice(3)]).not.toEqual([77, 77, 77]);
  });

  it('has a colour bar with its ends in the ends’ colours', () => {
    const bar = colourBar(scale);
    const at = (row: number): number[] => [
      ...bar.pixels.slice((row * bar.width + 15) * 3, (row * bar.width + 15) * 3 + 3),
    ];
    expect(at(12)).toEqual([...colourTable.slice(765)]);
    expect(at(bar.height - 13)).toEqual([...colourTable.slice(0, 3)]);
  });
});

describe('tiles', () => {
  it('are averaged where they overlap', () => {
    const layout = {
      width: 3,
      height: 2,
      origins: [
        { x: 0, y: 0 },
        { x: 1, y: 0 },
      ],
    };
    const map = blendTiles(Float32Array.of(1, 1, 1, 1, 3, 3, 3, 3), layout, 2);
    expect([...map]).toEqual([1, 2, 3, 1, 2, 3]);
  });

  it('count by the worst three', () => {
    expect(topMean([5])).toBe(5);
    expect(topMean([1, 9, 2, 3, 6])).toBe(6);
    expect(topMean([1, Number.NaN])).toBeNaN();
  });
});

describe('smooth', () => {
  it('keeps a constant map, also at the border', () => {
    for (const value of smooth(new Float32Array(35).fill(2), 7, 5, 1.5)) expect(value).toBeCloseTo(2, 5);
  });

  it('spreads a point evenly', () => {
    const map = new Float32Array(81);
    map[40] = 1;
    const blurred = smooth(map, 9, 9, 1);
    expect(blurred[40]).toBeCloseTo(1 / (2 * Math.PI), 2);
    expect(blurred[39]).toBeCloseTo(blurred[31] ?? 0, 6);
    expect(blurred.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 1);
  });
});

describe('PixelRanking', () => {
  it('agrees with the exact AUROC, negative values included', () => {
    const random = Random.seeded(4);
    const values = random.normals(4000, 3);
    const mask = Uint8Array.from(values, (value) => (value + 3 * random.normal() > 2 ? 255 : 0));
    const ranking = new PixelRanking();
    ranking.add(values.slice(0, 1000), mask.slice(0, 1000));
    ranking.add(values.slice(1000), mask.slice(1000));
    const exact = auroc(
      values,
      Array.from(mask, (value) => value / 255),
    );
    expect(ranking.auroc()).toBeCloseTo(exact, 3);
  });

  it('is null without anomalous pixels', () => {
    const ranking = new PixelRanking();
    ranking.add(Float32Array.of(1, 2), null);
    expect(ranking.auroc()).toBeNull();
  });
});

describe('heatmap files', () => {
  it.each([
    ['a/b.png', 'a/b.png'],
    ['../../etc/passwd', 'etc/passwd'],
    ['/abs/./x.png', 'abs/x.png'],
    ['C:\\photos\\a?.png', 'C_/photos/a_.png'],
    ['..', 'image'],
  ])('put %j at %j below their folder', (name, safe) => {
    expect(safeName(name)).toBe(safe);
  });

  it('come with a colour bar and can be read again', async () => {
    const dir = await mkdtemp(path.join(tmpdir(), 'maps-'));
    onTestFinished(() => rm(dir, { recursive: true }));
    const folder = await HeatmapFolder.open(
      { dir, overlay: false },
      { maps: { residual: scale, energy: null }, places: null },
    );
    const residual = Float32Array.of(0, 1, 2, 3);
    const pixels = new Uint8Array(4);
    const files = await folder.write('sub/a.png', {
      width: 2,
      height: 2,
      residual,
      place: null,
      energy: null,
      pixels,
      channels: 1,
    });
    expect((await readdir(dir, { recursive: true })).sort()).toEqual([
      'colour-bar-residual.png',
      'sub',
      path.join('sub', 'a.png.residual.png'),
    ]);
    const { width, channels } = await sharp(files[0]).metadata();
    expect([width, channels]).toEqual([224, 3]);
  });
});
