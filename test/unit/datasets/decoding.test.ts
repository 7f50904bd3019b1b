import { crc32, deflateSync } from 'node:zlib';
import path from 'node:path';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { decodeFile, decodePicture } from '../../../core/datasets/index.ts';
import { errorOf, noise, noisePicture, temporaryFolder } from './helpers.ts';

const limit = 1_000_000;
const root = temporaryFolder();

/** A PNG that claims to be `width` x `height` and holds almost nothing. */
function bombPng(width: number, height: number): Buffer {
  const chunk = (type: string, data: Buffer) => {
    const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
    const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(data.length);
    check.writeUInt32BE(crc32(body));
    return Buffer.concat([length, body, check]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 0, 0, 0, 0], 8);
  const signature = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');
  const data = chunk('IDAT', deflateSync(Buffer.alloc(100)));
  return Buffer.concat([signature, chunk('IHDR', header), data, chunk('IEND', Buffer.alloc(0))]);
}

interface BmpOptions {
  bits: number;
  palette?: readonly (readonly [number, number, number])[];
  topDown?: boolean;
  compression?: number;
}

/** A BMP of `rows` of already packed bytes, top row first. */
function bmp(
  width: number,
  rows: readonly (readonly number[])[],
  { bits, palette = [], topDown = false, compression = 0 }: BmpOptions,
): Buffer {
  const rowBytes = Math.ceil((width * bits) / 32) * 4;
  const header = Buffer.alloc(54);
  header.write('BM', 0, 'latin1');
  header.writeUInt32LE(54 + 4 * palette.length, 10);
  header.writeUInt32LE(40, 14);
  header.writeInt32LE(width, 18);
  header.writeInt32LE(topDown ? -rows.length : rows.length, 22);
  header.writeUInt16LE(1, 26);
  header.writeUInt16LE(bits, 28);
  header.writeUInt32LE(compression, 30);
  header.writeUInt32LE(palette.length, 46);
  const entries = palette.map(([red, green, blue]) => Buffer.from([blue, green, red, 0]));
  const padded = rows.map((row) => Buffer.concat([Buffer.from(row), Buffer.alloc(rowBytes - row.length)]));
  return Buffer.concat([header, ...entries, ...(topDown ? padded : padded.reverse())]);
}

const repeated = <T>(count: number, value: T): T[] => Array.from({ length: count }, () => value);

describe('good pictures', () => {
  const colour = noisePicture(1, 20, 12, 3);
  it.each([
    ['png', () => colour.clone().png().toBuffer(), 3],
    ['png, palette', () => colour.clone().png({ palette: true }).toBuffer(), 3],
    ['jpeg', () => colour.clone().jpeg().toBuffer(), 3],
    ['jpeg, progressive', () => colour.clone().jpeg({ progressive: true }).toBuffer(), 3],
    ['jpeg, CMYK', () => colour.clone().toColourspace('cmyk').jpeg().toBuffer(), 3],
    ['jpeg, grey', () => colour.clone().toColourspace('b-w').jpeg().toBuffer(), 1],
    ['png, grey with alpha', () => noisePicture(5, 20, 12, 4).toColourspace('b-w').png().toBuffer(), 1],
    ['webp', () => colour.clone().webp().toBuffer(), 3],
    ['gif', () => colour.clone().gif().toBuffer(), 3],
    ['tiff, LZW', () => colour.clone().tiff({ compression: 'lzw' }).toBuffer(), 3],
    ['tiff, 1 bit', () => colour.clone().toColourspace('b-w').tiff({ bitdepth: 1 }).toBuffer(), 1],
    ['png, grey 16 bit', () => colour.clone().toColourspace('grey16').png().toBuffer(), 1],
  ])('decodes %s', async (_, make, channels) => {
    const image = await decodePicture(await make(), limit);
    expect([image.width, image.height, image.channels, image.pixels.length]).toEqual([
      20,
      12,
      channels,
      240 * channels,
    ]);
  });

  it('gives lossless pixels back unchanged', async () => {
    expect((await decodePicture(await colour.clone().png().toBuffer(), limit)).pixels).toEqual(noise(1, 720));
    const grey = sharp(noise(2, 240), { raw: { width: 20, height: 12, channels: 1 } }).toColourspace('b-w');
    expect((await decodePicture(await grey.png().toBuffer(), limit)).pixels).toEqual(noise(2, 240));
  });

  it('scales 16 bit to 8 by its upper byte, grey and RGB, also where it is transparent', async () => {
    const values = Uint16Array.from(repeated(64 * 3, 0), (_, i) => i * 331);
    const raw = { width: 8, height: 8, channels: 3 } as const;
    const rgb = await sharp(values, { raw }).toColourspace('rgb16').png().toBuffer();
    expect(await sharp(rgb).metadata()).toMatchObject({ depth: 'ushort' });
    expect((await decodePicture(rgb, limit)).pixels).toEqual(Uint8Array.from(values, (value) => value >> 8));
    const clear = Uint16Array.from(repeated(64 * 4, 0), (_, i) => (i % 4 === 3 ? 0 : 20000));
    const rgba = await sharp(clear, { raw: { ...raw, channels: 4 } })
      .toColourspace('rgb16')
      .png()
      .toBuffer();
    expect(await sharp(rgba).metadata()).toMatchObject({ depth: 'ushort', hasAlpha: true });
    expect(new Set((await decodePicture(rgba, limit)).pixels)).toEqual(new Set([255]));
  });

  it('lays transparent pictures over white', async () => {
    const pixels = Buffer.concat(repeated(64, Buffer.from([200, 100, 0, 128])));
    const png = await sharp(pixels, { raw: { width: 8, height: 8, channels: 4 } })
      .png()
      .toBuffer();
    const { pixels: flat, channels } = await decodePicture(png, limit);
    expect(channels).toBe(3);
    // 255 + 128/255 (value - 255), within rounding.
    [227, 177, 127].forEach((expected, c) => expect(Math.abs((flat[c] ?? 0) - expected)).toBeLessThanOrEqual(1));
  });

  it('turns pictures as EXIF orientation says', async () => {
    const upright = noisePicture(3, 10, 14, 3);
    const { data } = await upright.clone().raw().toBuffer({ resolveWithObject: true });
    // Orientation 6: the camera was turned; viewers turn a quarter clockwise, so the file holds it a quarter the other way.
    const file = await upright.clone().rotate(270).withMetadata({ orientation: 6 }).png().toBuffer();
    const image = await decodePicture(file, limit);
    expect([image.width, image.height]).toEqual([10, 14]);
    expect(Buffer.from(image.pixels).equals(data)).toBe(true);
  });

  it('takes the first frame of an animation', async () => {
    const frames = Buffer.concat([Buffer.alloc(192, 250), Buffer.alloc(192, 5)]);
    const gif = await sharp(frames, { raw: { width: 8, height: 16, channels: 3, pageHeight: 8 } })
      .gif()
      .toBuffer();
    const image = await decodePicture(gif, limit);
    expect([image.height, image.pixels[0]]).toEqual([8, 250]);
  });
});

describe('BMP', () => {
  const palette = [
    [10, 20, 30],
    [200, 100, 50],
  ] as const;
  it.each([
    ['1 bit', bmp(8, [...repeated(7, [0]), [0b10000001]], { bits: 1, palette }), [200, 100, 50, 10, 20, 30]],
    [
      '4 bits',
      bmp(8, [...repeated(7, [0, 0, 0, 0]), [0x10, 0, 0, 0]], { bits: 4, palette }),
      [200, 100, 50, 10, 20, 30],
    ],
    [
      '8 bits',
      bmp(8, [...repeated(7, repeated(8, 0)), [1, 0, 0, 0, 0, 0, 0, 0]], { bits: 8, palette }),
      [200, 100, 50, 10, 20, 30],
    ],
    [
      '24 bits',
      bmp(8, [...repeated(7, repeated(24, 0)), [50, 100, 200, 30, 20, 10, ...repeated(18, 0)]], { bits: 24 }),
      [200, 100, 50, 10, 20, 30],
    ],
    [
      '32 bits',
      bmp(8, [...repeated(7, repeated(32, 0)), [50, 100, 200, 9, 30, 20, 10, 0, ...repeated(24, 0)]], { bits: 32 }),
      [200, 100, 50, 10, 20, 30],
    ],
  ])('decodes %s, bottom row first', async (_, bytes, expected) => {
    const { width, height, channels, pixels } = await decodePicture(bytes, limit);
    expect([width, height, channels]).toEqual([8, 8, 3]);
    expect([...pixels.subarray(7 * 24, 7 * 24 + 6)]).toEqual(expected);
  });

  it('gives one channel for a grey palette, and reads top-down files', async () => {
    const greys = Array.from({ length: 256 }, (_, i) => [i, i, i] as const);
    const rows = Array.from({ length: 9 }, (_, y) => Array.from({ length: 10 }, (__, x) => y * 10 + x));
    const image = await decodePicture(bmp(10, rows, { bits: 8, palette: greys, topDown: true }), limit);
    expect([image.width, image.height, image.channels]).toEqual([10, 9, 1]);
    expect([...image.pixels]).toEqual(rows.flat());
  });
});

describe('bad pictures', () => {
  const picture = noisePicture(4, 64, 64);
  const files: Record<string, Buffer> = {};
  const cut = (name: string, share: number) =>
    (files[name] ?? Buffer.alloc(0)).subarray(0, Math.floor((files[name]?.length ?? 0) * share));
  beforeAll(async () => {
    files['jpeg'] = await picture.clone().jpeg().toBuffer();
    files['png'] = await picture.clone().png().toBuffer();
    files['webp'] = await picture.clone().webp().toBuffer();
    files['gif'] = await picture.clone().gif().toBuffer();
    files['tiff'] = await picture.clone().tiff().toBuffer();
    files['tiny'] = await noisePicture(1, 7, 40).png().toBuffer();
  });

  const spoilt = bmp(8, repeated(8, repeated(24, 0)), { bits: 24 });
  it.each<[string, () => Uint8Array, string]>([
    ['zero bytes', () => Buffer.alloc(0), 'picture/empty: The file is empty (0 bytes). Copy it again from its source.'],
    [
      'JPEG cut at half',
      () => cut('jpeg', 0.5),
      'picture/truncated: The JPEG file is cut short. Copy it again from its source.',
    ],
    [
      'JPEG without its end',
      () => cut('jpeg', 0.98),
      'picture/truncated: The JPEG file is cut short. Copy it again from its source.',
    ],
    [
      'JPEG, header only',
      () => cut('jpeg', 0.05),
      'picture/truncated: The JPEG file is cut short. Copy it again from its source.',
    ],
    [
      'PNG cut at half',
      () => cut('png', 0.5),
      'picture/truncated: The PNG file is cut short. Copy it again from its source.',
    ],
    [
      'PNG, signature only',
      () => cut('png', 0.002),
      'picture/truncated: The PNG file is cut short. Copy it again from its source.',
    ],
    [
      'WebP cut',
      () => cut('webp', 0.7),
      'picture/truncated: The WebP file is cut short. Copy it again from its source.',
    ],
    ['GIF cut', () => cut('gif', 0.7), 'picture/truncated: The GIF file is cut short. Copy it again from its source.'],
    [
      'TIFF cut',
      () => cut('tiff', 0.7),
      'picture/truncated: The TIFF file is cut short. Copy it again from its source.',
    ],
    [
      'BMP cut',
      () => spoilt.subarray(0, 200),
      'picture/truncated: The BMP file is cut short. Copy it again from its source.',
    ],
    [
      'BMP header cut',
      () => spoilt.subarray(0, 20),
      'picture/truncated: The BMP file is cut short. Copy it again from its source.',
    ],
    [
      'BMP, run-length',
      () => bmp(8, repeated(8, repeated(8, 0)), { bits: 8, compression: 1 }),
      'picture/unsupported: This BMP file is compressed, which is not supported. Save it as PNG or as an uncompressed BMP.',
    ],
    [
      'BMP, 16 bits',
      () => bmp(8, repeated(8, repeated(16, 0)), { bits: 16 }),
      'picture/unsupported: This BMP file has 16 bits a pixel, which is not supported. Save it as PNG or as an uncompressed BMP.',
    ],
    [
      'BMP, absurd size',
      () => {
        const bytes = Buffer.from(spoilt);
        bytes.writeInt32LE(2_000_000_000, 18);
        return bytes;
      },
      'picture/huge: The picture has 2000000000 x 8 pixels; more than 1 million are not decoded. Scale it down first.',
    ],
    [
      'decompression bomb',
      () => bombPng(50_000, 50_000),
      'picture/huge: The picture has 50000 x 50000 pixels; more than 1 million are not decoded. Scale it down first.',
    ],
    [
      'tiny',
      () => files['tiny'] ?? Buffer.alloc(0),
      'picture/tiny: The picture has only 7 x 40 pixels; each side must have 8 or more.',
    ],
    [
      'text',
      () => Buffer.from('not a picture at all'),
      "picture/unreadable: The file's contents are not a picture that can be read, whatever its name says (JPEG, PNG, BMP, TIFF, WebP and GIF can be).",
    ],
    [
      'SVG',
      () => Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'),
      "picture/unreadable: The file's contents are not a picture that can be read, whatever its name says (JPEG, PNG, BMP, TIFF, WebP and GIF can be).",
    ],
  ])('says what is wrong: %s', async (_, bytes, expected) => {
    expect(await errorOf(() => decodePicture(bytes(), limit))).toBe(expected);
  });

  it('reports a damaged middle as unreadable', async () => {
    const bytes = Buffer.from(files['png'] ?? []);
    bytes.fill(0x5a, 6000, 6040);
    expect(await errorOf(() => decodePicture(bytes, limit))).toMatch(
      /^picture\/unreadable: The PNG file is damaged \(.+\)\. Replace it or leave it out\.$/,
    );
  });

  it('reports a file that was removed', async () => {
    expect(await errorOf(() => decodeFile(path.join(root, 'gone.png'), limit))).toBe(
      'picture/unreadable: The file was removed while it was being used.',
    );
  });
});
