/** Pixels to files for a window: thumbnails small and quick, what is looked at closely without loss. */
import sharp from 'sharp';
import type { ImageSource } from '../datasets/index.ts';
import { CoreError } from '../errors.ts';

export interface EncodedPicture {
  readonly bytes: Uint8Array;
  readonly contentType: 'image/png' | 'image/webp';
}

export interface Pixels {
  readonly pixels: Uint8Array;
  readonly width: number;
  readonly height: number;
  /** 4: with transparency. */
  readonly channels: 1 | 3 | 4;
}

/** Pictures with more pixels are sent as WebP, which is a tenth of the size. */
const lossless = 512 * 512;

/** `size`: at most so many pixels on the longer side; smaller pictures stay as they are. */
export async function encodePicture(picture: Pixels, size?: number): Promise<EncodedPicture> {
  const { pixels, width, height, channels } = picture;
  const image = sharp(pixels, { raw: { width, height, channels }, limitInputPixels: false }).toColourspace(
    channels === 1 ? 'b-w' : 'srgb',
  );
  const shrink = size !== undefined && Math.max(width, height) > size;
  if (shrink) image.resize(size, size, { fit: 'inside' });
  if (!shrink && width * height <= lossless) {
    return { bytes: await image.png({ compressionLevel: 6 }).toBuffer(), contentType: 'image/png' };
  }
  return { bytes: await image.webp({ quality: shrink ? 80 : 90 }).toBuffer(), contentType: 'image/webp' };
}

/** An encoded picture of our own (a grid, a sample), shrunk if wanted. */
export async function shrinkEncoded(bytes: Uint8Array, size?: number): Promise<EncodedPicture> {
  if (size === undefined) return { bytes, contentType: 'image/png' };
  const image = sharp(bytes, { limitInputPixels: false });
  const { width, height } = await image.metadata();
  if (Math.max(width, height) <= size) return { bytes, contentType: 'image/png' };
  const shrunk = await image.resize(size, size, { fit: 'inside' }).webp({ quality: 85 }).toBuffer();
  return { bytes: shrunk, contentType: 'image/webp' };
}

/** The newest encoded pictures in memory, up to a number of bytes. */
export class PictureCache {
  readonly #entries = new Map<string, EncodedPicture>();
  readonly #most: number;
  #bytes = 0;

  constructor(mostBytes: number) {
    this.#most = mostBytes;
  }

  async get(key: string, make: () => Promise<EncodedPicture>): Promise<EncodedPicture> {
    const known = this.#entries.get(key);
    if (known !== undefined) {
      this.#entries.delete(key);
      this.#entries.set(key, known);
      return known;
    }
    const made = await make();
    if (!this.#entries.has(key)) {
      this.#entries.set(key, made);
      this.#bytes += made.bytes.byteLength;
    }
    for (const [oldest, picture] of this.#entries) {
      if (this.#bytes <= this.#most) break;
      this.#entries.delete(oldest);
      this.#bytes -= picture.bytes.byteLength;
    }
    return made;
  }
}

/** A picture of a dataset as it is stored. Tiny ones are refused by the reader; as files they can still be shown. */
export async function encodeItem(source: ImageSource, index: number, size?: number): Promise<EncodedPicture> {
  try {
    return await encodePicture(await source.read(index), size);
  } catch (error) {
    const file = source.pathOf(index);
    if (file === null || !(error instanceof CoreError) || error.code !== 'picture/tiny') throw error;
    return { bytes: await sharp(file).png().toBuffer(), contentType: 'image/png' };
  }
}
