import { crc32, deflateSync } from 'node:zlib';
import path from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { decodePicture } from '../../../core/datasets/index.ts';
import { decodeSmallPng } from '../../../core/datasets/png.ts';
import { readWhole } from '../../../core/datasets/whole-file.ts';
import { errorOf, noise, noisePicture, temporaryFolder, writeFile } from './helpers.ts';

function chunk(type: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const ends = Buffer.alloc(8);
  ends.writeUInt32BE(data.length, 0);
  ends.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([ends.subarray(0, 4), body, ends.subarray(4)]);
}

interface PngOptions {
  /** Filter of row y; the bytes are noise, so that any filter is a valid file. */
  filter?: (y: number) => number;
  colour?: number;
  bits?: number;
  extra?: Buffer;
  /** Compressed rows in this many IDAT chunks. */
  parts?: number;
}

/** A PNG of noise with the filters that are asked for: encoders choose their own. */
function png(width: number, height: number, options: PngOptions = {}): Buffer {
  const { filter = () => 0, colour = 2, bits = 8, extra = Buffer.alloc(0), parts = 1 } = options;
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([bits, colour, 0, 0, 0], 8);
  const rowBytes = (width * (colour === 2 ? 3 : 1) * bits) / 8;
  const bytes = noise(width, rowBytes * height);
  const rows = Buffer.concat(
    Array.from({ length: height }, (_, y) =>
      Buffer.concat([Buffer.from([filter(y)]), bytes.subarray(y * rowBytes, (y + 1) * rowBytes)]),
    ),
  );
  const data = deflateSync(rows);
  const step = Math.ceil(data.length / parts);
  const chunks = Array.from({ length: parts }, (_, i) => chunk('IDAT', data.subarray(i * step, (i + 1) * step)));
  const signature = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');
  return Buffer.concat([signature, chunk('IHDR', header), extra, ...chunks, chunk('IEND', Buffer.alloc(0))]);
}

const bySharp = (bytes: Buffer, grey = false): Promise<Buffer> =>
  sharp(bytes)
    .toColourspace(grey ? 'b-w' : 'srgb')
    .raw()
    .toBuffer();

describe('decodeSmallPng', () => {
  it.each([0, 1, 2, 3, 4])('undoes filter %i as sharp does', async (filter) => {
    for (const colour of [0, 2]) {
      const bytes = png(19, 11, { filter: () => filter, colour });
      const grey = colour === 0;
      const picture = decodeSmallPng(bytes);
      expect(picture).toMatchObject({ width: 19, height: 11, channels: grey ? 1 : 3 });
      expect(Buffer.compare(Buffer.from(picture?.pixels ?? []), await bySharp(bytes, grey))).toBe(0);
    }
  });

  it('reads mixed filters, several data chunks and chunks of text', async () => {
    const extra = chunk('tEXt', Buffer.from('Comment\0hello', 'latin1'));
    const bytes = png(24, 20, { filter: (y) => y % 5, parts: 3, extra });
    expect(Buffer.compare(Buffer.from(decodeSmallPng(bytes)?.pixels ?? []), await bySharp(bytes))).toBe(0);
  });

  it('reads what sharp writes', async () => {
    for (const channels of [1, 3] as const) {
      const bytes = await noisePicture(1, 32, 32, channels)
        .toColourspace(channels === 1 ? 'b-w' : 'srgb')
        .png()
        .toBuffer();
      const pixels = await bySharp(bytes, channels === 1);
      expect(Buffer.compare(Buffer.from(decodeSmallPng(bytes)?.pixels ?? []), pixels)).toBe(0);
    }
  });

  it('leaves everything else to sharp', async () => {
    const [rgb, rgba] = [noisePicture(1, 16, 16), noisePicture(2, 16, 16, 4)];
    const others = {
      palette: await rgb.clone().png({ palette: true }).toBuffer(),
      interlaced: await rgb.clone().png({ progressive: true }).toBuffer(),
      alpha: await rgba.png().toBuffer(),
      orientation: await rgb.clone().withMetadata({ orientation: 6 }).png().toBuffer(),
      'sixteen bits': png(16, 16, { bits: 16 }),
      gamma: png(16, 16, { extra: chunk('gAMA', Buffer.from([0, 0, 0xb1, 0x8f])) }),
      large: png(80, 80),
      'unknown filter': png(16, 16, { filter: () => 5 }),
    };
    for (const [name, bytes] of Object.entries(others)) expect(decodeSmallPng(bytes), name).toBeNull();
    const { width, height, channels } = await decodePicture(others.orientation, 1e6);
    expect([width, height, channels]).toEqual([16, 16, 3]);
  });

  it('takes no damaged file for a picture', async () => {
    const whole = png(16, 16);
    const flipped = Buffer.from(whole);
    flipped[60] = (flipped[60] ?? 0) ^ 1;
    const tooMuch = Buffer.from(png(16, 17));
    tooMuch.writeUInt32BE(16, 20);
    for (let length = 0; length < whole.length; length += 7)
      expect(decodeSmallPng(whole.subarray(0, length))).toBeNull();
    expect(decodeSmallPng(flipped)).toBeNull();
    expect(decodeSmallPng(tooMuch)).toBeNull();
    expect(await errorOf(() => decodePicture(whole.subarray(0, 200), 1e6))).toContain('picture/truncated');
  });
});

describe('readWhole', () => {
  const root = temporaryFolder();
  const never = () => new Error('too large');

  it('reads files of any size, empty ones too', async () => {
    for (const length of [0, 1, 100_000]) {
      const file = writeFile(root, `${length}.bin`, noise(length, length));
      expect(Buffer.compare(await readWhole(file, 1e6, never), noise(length, length))).toBe(0);
    }
  });

  it('says how large a file is that is too large, and what is missing', async () => {
    const file = writeFile(root, 'large.bin', noise(1, 1000));
    await expect(readWhole(file, 999, (bytes) => new Error(`has ${bytes}`))).rejects.toThrow('has 1000');
    await expect(readWhole(path.join(root, 'none'), 1, never)).rejects.toThrow('ENOENT');
    await expect(readWhole(root, 1e6, never)).rejects.toThrow('EISDIR');
  });
});
