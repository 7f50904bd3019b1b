import { describe, expect, it } from 'vitest';
import type { DecodedImage, Preparation } from '../../../core/datasets/index.ts';
import { preparationGeometry, prepareImage, prepareMask, withChannels } from '../../../core/datasets/index.ts';
import { errorOf, noise, squares } from './helpers.ts';

const picture = (width: number, height: number, channels: 1 | 3 = 1, seed = 1): DecodedImage => {
  return { width, height, channels, pixels: noise(seed, width * height * channels) };
};
const ramp = (width: number, height: number): DecodedImage => {
  return {
    width,
    height,
    channels: 1,
    pixels: Uint8Array.from({ length: width * height }, (_, i) => (255 * (i % width)) / (width - 1)),
  };
};
const tiled = (size: number, stride: number, scale = 1): Preparation => ({
  ...squares(size),
  tiles: { stride, scale },
});
const at = (image: DecodedImage, x: number, y: number) => image.pixels[y * image.width + x];

describe('geometry', () => {
  it.each([
    ['fit', 40, 20, { x: 0, y: 8, width: 32, height: 16 }],
    ['fit', 20, 40, { x: 8, y: 0, width: 16, height: 32 }],
    ['fit', 5000, 10, { x: 0, y: 15, width: 32, height: 1 }],
    ['fill', 40, 20, { x: 0, y: 0, width: 32, height: 32 }],
    ['crop', 40, 20, { x: -16, y: 0, width: 64, height: 32 }],
    ['crop', 33, 100, { x: 0, y: -33, width: 32, height: 97 }],
  ] as const)('%s of %i x %i', (resize, width, height, content) => {
    const geometry = preparationGeometry(width, height, { ...squares(32), resize });
    expect(geometry).toEqual({ scaledWidth: 32, scaledHeight: 32, content, positions: [{ x: 0, y: 0 }] });
  });

  it('puts the last row and column of tiles at the border', () => {
    const { positions, scaledWidth, scaledHeight } = preparationGeometry(50, 32, tiled(32, 12));
    expect([scaledWidth, scaledHeight]).toEqual([50, 32]);
    expect(positions).toEqual([0, 12, 18].map((x) => ({ x, y: 0 })));
  });

  it('covers every pixel with tiles', () => {
    for (const [width, height, size, stride] of [
      [97, 61, 32, 24],
      [64, 64, 32, 32],
      [33, 200, 32, 31],
    ] as const) {
      const covered = new Uint8Array(width * height);
      const { positions } = preparationGeometry(width, height, tiled(size, stride));
      for (const { x, y } of positions) {
        for (let row = y; row < y + size; row++) covered.fill(1, row * width + x, row * width + x + size);
      }
      expect(covered.includes(0)).toBe(false);
      expect(positions.every(({ x, y }) => x + size <= width && y + size <= height)).toBe(true);
    }
  });

  it('pads pictures that are smaller than a tile', () => {
    const geometry = preparationGeometry(20, 50, tiled(32, 32));
    expect([geometry.scaledWidth, geometry.scaledHeight, geometry.content.x]).toEqual([32, 50, 6]);
    expect(geometry.positions).toHaveLength(2);
  });

  it.each([
    [{ ...squares(0) }, /The image size is 0\. Choose/],
    [tiled(32, 0), /The tile stride is 0\. Choose/],
    [tiled(32, 8, -1), /The tile scale is -1\. Choose/],
  ])('refuses senseless settings', async (preparation, expected) => {
    expect(await errorOf(() => preparationGeometry(9, 9, preparation))).toMatch(expected);
  });
});

describe('images', () => {
  it('leaves a picture of the right size alone', async () => {
    const image = picture(28, 28);
    const { tiles } = await prepareImage(image, squares(28));
    expect(tiles).toEqual([image.pixels]);
  });

  it('cuts tiles from where their positions say', async () => {
    const image = picture(50, 40);
    const { tiles, positions } = await prepareImage(image, tiled(32, 12));
    expect(tiles).toHaveLength(6);
    tiles.forEach((tile, i) => {
      const { x = 0, y = 0 } = positions[i] ?? {};
      expect([tile[0], tile[31], tile[32 * 31]]).toEqual([at(image, x, y), at(image, x + 31, y), at(image, x, y + 31)]);
    });
  });

  it('shrinks smoothly, and always to the same bytes', async () => {
    const [first, second] = [
      await prepareImage(ramp(256, 128), squares(32)),
      await prepareImage(ramp(256, 128), squares(32)),
    ];
    expect(first.tiles).toEqual(second.tiles);
    const [tile = new Uint8Array()] = first.tiles;
    const row = tile.subarray(16 * 32, 17 * 32);
    row.forEach((value, x) => expect(Math.abs(value - (255 * (8 * x + 3.5)) / 255)).toBeLessThan(4));
  });

  it('repeats the border where a picture does not fill the square', async () => {
    const { tiles } = await prepareImage(ramp(32, 8), squares(32));
    const [tile = new Uint8Array()] = tiles;
    for (const y of [0, 11, 12, 19, 20, 31])
      expect([...tile.subarray(y * 32, y * 32 + 32)]).toEqual([...ramp(32, 8).pixels.subarray(0, 32)]);
  });

  it('cuts the middle out', async () => {
    const image = ramp(96, 32);
    const { tiles } = await prepareImage(image, { ...squares(32), resize: 'crop' });
    expect([...(tiles[0]?.subarray(0, 32) ?? [])]).toEqual([...image.pixels.subarray(32, 64)]);
  });

  it('keeps three channels apart when resizing', async () => {
    const pixels = new Uint8Array(64 * 64 * 3).map((_, i) => [10, 120, 230][i % 3] ?? 0);
    const { tiles } = await prepareImage({ width: 64, height: 64, channels: 3, pixels }, squares(16, 3));
    expect([...(tiles[0]?.subarray(0, 6) ?? [])]).toEqual([10, 120, 230, 10, 120, 230]);
  });

  it('converts between grey and RGB; grey stored as RGB keeps its values', () => {
    const grey = noise(3, 50);
    expect(withChannels(withChannels(grey, 1, 3), 3, 1)).toEqual(grey);
    expect([...withChannels(Uint8Array.of(255, 0, 0, 0, 255, 0, 0, 0, 255), 3, 1)]).toEqual([76, 150, 29]);
  });
});

describe('masks', () => {
  it('lie where the picture lies', async () => {
    const pixels = new Uint8Array(100 * 60);
    for (let y = 20; y < 40; y++) pixels.fill(255, y * 100 + 30, y * 100 + 70);
    const mask: DecodedImage = { width: 100, height: 60, channels: 1, pixels };
    for (const preparation of [squares(50), tiled(32, 16), { ...squares(40), resize: 'crop' as const }]) {
      const [image, cut] = [await prepareImage(mask, preparation), prepareMask(mask, preparation)];
      expect(cut.positions).toEqual(image.positions);
      cut.tiles.forEach((tile, i) => {
        const wrong = tile.filter((value, at) => value > 127 !== (image.tiles[i]?.[at] ?? 0) > 127).length;
        expect(wrong).toBeLessThan(0.03 * tile.length);
        expect(tile.every((value) => value === 0 || value === 255)).toBe(true);
      });
    }
  });

  it('have no defect in the padding', () => {
    const mask: DecodedImage = { width: 16, height: 8, channels: 1, pixels: new Uint8Array(128).fill(255) };
    const [tile] = prepareMask(mask, squares(16)).tiles;
    expect(tile?.reduce((sum, value) => sum + Number(value > 0), 0)).toBe(128);
  });
});
