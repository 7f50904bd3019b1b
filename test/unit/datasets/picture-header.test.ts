import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { decodePicture } from '../../../core/datasets/index.ts';
import { readHeader } from '../../../core/datasets/picture-header.ts';
import { noisePicture } from './helpers.ts';

const rgb = noisePicture(1, 90, 70);
const grey = noisePicture(2, 90, 70, 1).toColourspace('b-w');

describe('readHeader', () => {
  it.each<[string, 'png' | 'jpeg', () => Promise<Buffer>, boolean]>([
    ['RGB PNG', 'png', () => rgb.clone().png().toBuffer(), false],
    ['grey PNG', 'png', () => grey.clone().png().toBuffer(), true],
    ['PNG with a palette', 'png', () => rgb.clone().png({ palette: true }).toBuffer(), false],
    ['PNG with transparency', 'png', () => noisePicture(3, 90, 70, 4).png().toBuffer(), false],
    ['JPEG', 'jpeg', () => rgb.clone().jpeg().toBuffer(), false],
    ['grey JPEG', 'jpeg', () => grey.clone().jpeg().toBuffer(), true],
    ['progressive JPEG', 'jpeg', () => rgb.clone().jpeg({ progressive: true }).toBuffer(), false],
    ['JPEG on its side', 'jpeg', () => rgb.clone().withMetadata({ orientation: 6 }).jpeg().toBuffer(), false],
  ])('says of a %s what sharp says', async (_name, kind, encode, isGrey) => {
    const bytes = await encode();
    const { width, height, space } = await sharp(bytes).metadata();
    expect(readHeader(bytes, kind)).toEqual({ width, height, grey: isGrey });
    expect(space === 'b-w').toBe(isGrey);
    const picture = await decodePicture(bytes, 1e6);
    expect(picture.channels).toBe(isGrey ? 1 : 3);
    expect([picture.width, picture.height].sort()).toEqual([70, 90]);
  });

  it('leaves CMYK, other kinds and cut files to sharp', async () => {
    const jpeg = await rgb.clone().jpeg().toBuffer();
    const cmyk = await rgb.clone().toColourspace('cmyk').jpeg().toBuffer();
    const webp = await rgb.clone().webp().toBuffer();
    expect(readHeader(cmyk, 'jpeg')).toBeNull();
    expect(readHeader(webp, 'webp')).toBeNull();
    for (let length = 3; length < 150; length += 7) expect(readHeader(jpeg.subarray(0, length), 'jpeg')).toBeNull();
    const png = await rgb.clone().png().toBuffer();
    for (let length = 8; length < 33; length += 4) expect(readHeader(png.subarray(0, length), 'png')).toBeNull();
    expect((await decodePicture(cmyk, 1e6)).channels).toBe(3);
  });
});
