/** Picture files to pixels, through sharp (and our own BMP reader), with limits against files that are broken or meant to harm. */
import sharp, { type Sharp } from 'sharp';
import { CoreError, messageOf } from '../errors.ts';
import { decodeBmp } from './bmp.ts';
import { codeOf } from './file-errors.ts';
import { readHeader, type PictureHeader } from './picture-header.ts';
import type { PictureKind } from './picture-kinds.ts';
import { isCutShort, knownKinds, sniff } from './picture-kinds.ts';
import { pictureError } from './picture-problem.ts';
import { decodeSmallPng } from './png.ts';
import type { DecodedImage } from './types.ts';
import { readWhole, type ReadFile } from './whole-file.ts';

/** Pictures with a shorter side carry too little to learn from, and are mostly icons or remains. */
export const smallestSide = 8;
/** Against decompression bombs: a few bytes that unpack to more pixels than fit into memory. */
export const defaultLimitPixels = 100_000_000;
const largestFileBytes = 2 ** 30;

// Many pictures are decoded at once, each on one thread: faster than many threads on each, and memory stays bounded.
sharp.concurrency(1);
sharp.cache(false);

/** Throws `picture/huge` or `picture/tiny` where a picture's sides are out of bounds. */
function sizeChecker(limitPixels: number): (width: number, height: number) => void {
  return (width, height) => {
    if (width * height > limitPixels) {
      const millions = (pixels: number) => `${Number((pixels / 1e6).toPrecision(3)).toLocaleString('en')} million`;
      throw pictureError(
        'huge',
        `The picture has ${width} x ${height} pixels; more than ${millions(limitPixels)} are not decoded. Scale it down first.`,
      );
    }
    if (Math.min(width, height) < smallestSide) {
      throw pictureError(
        'tiny',
        `The picture has only ${width} x ${height} pixels; each side must have ${smallestSide} or more.`,
      );
    }
  };
}

function decodeError(error: unknown, bytes: Uint8Array, kind: PictureKind): CoreError {
  if (error instanceof CoreError) return error;
  const name = kind === 'webp' ? 'WebP' : kind.toUpperCase();
  if (isCutShort(bytes, kind) || /premature end|unexpected end|truncated/i.test(messageOf(error))) {
    return pictureError('truncated', `The ${name} file is cut short. Copy it again from its source.`, error);
  }
  const [reason = ''] = messageOf(error)
    .replace(/^Input buffer has corrupt header:\s*/, '')
    .split(/\s(?=Input buffer)/);
  return pictureError(
    'unreadable',
    `The ${name} file is damaged (${reason.trim()}). Replace it or leave it out.`,
    error,
  );
}

/** Decodes a picture: first frame or page, orientation applied, alpha over white, 16 bit scaled to 8, CMYK to RGB. */
export async function decodePicture(bytes: Uint8Array, limitPixels: number): Promise<DecodedImage> {
  if (bytes.length === 0) throw pictureError('empty', 'The file is empty (0 bytes). Copy it again from its source.');
  const kind = sniff(bytes);
  if (kind === null) {
    throw pictureError(
      'unreadable',
      `The file's contents are not a picture that can be read, whatever its name says (${knownKinds} can be).`,
    );
  }
  const checkSize = sizeChecker(limitPixels);
  try {
    if (kind === 'bmp') return decodeBmp(bytes, checkSize);
    const small = kind === 'png' ? decodeSmallPng(bytes) : null;
    if (small !== null) {
      checkSize(small.width, small.height);
      return small;
    }
    // `error`: warnings are common in pictures that every viewer shows; cut-short files fail from `truncated` on.
    const picture = sharp(bytes, { failOn: 'error', limitInputPixels: false, pages: 1 });
    const { width, height, grey } = readHeader(bytes, kind) ?? (await headerBySharp(picture));
    checkSize(width, height);
    const { data, info } = await picture
      .autoOrient()
      .flatten({ background: '#ffffff' })
      .toColourspace(grey ? 'b-w' : 'srgb')
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    if (info.channels !== (grey ? 1 : 3)) {
      throw pictureError('unsupported', `The picture has ${info.channels} channels. Convert it to grey or RGB.`);
    }
    const pixels = new Uint8Array(data.buffer, data.byteOffset, data.length);
    return { width: info.width, height: info.height, channels: grey ? 1 : 3, pixels };
  } catch (error) {
    throw decodeError(error, bytes, kind);
  }
}

async function headerBySharp(picture: Sharp): Promise<PictureHeader> {
  const { width, height, depth, space } = await picture.metadata();
  if (depth !== 'uchar' && depth !== 'ushort') {
    const detail = `The picture stores its values as ${depth}. Convert it to 8 or 16 bits a channel.`;
    throw pictureError('unsupported', detail);
  }
  return { width, height, grey: space === 'b-w' || space === 'grey16' };
}

/** Reads and decodes one file; everything that is wrong with it comes out as a picture error. */
export async function decodeFile(file: string, limitPixels: number, read: ReadFile = readWhole): Promise<DecodedImage> {
  let bytes: Uint8Array;
  try {
    bytes = await read(file, largestFileBytes, (size) =>
      pictureError(
        'huge',
        `The file has ${(size / 1e9).toFixed(1)} GB; files above 1 GB are not read. Scale it down first.`,
      ),
    );
  } catch (error) {
    if (error instanceof CoreError) throw error;
    switch (codeOf(error)) {
      case 'ENOENT':
        throw pictureError('unreadable', 'The file was removed while it was being used.', error);
      case 'EACCES':
      case 'EPERM':
        throw pictureError('unreadable', 'No permission to read the file. Change its permissions.', error);
      case 'EMFILE':
      case 'ENFILE':
        throw new CoreError(
          'dataset/too-many-files',
          'Too many files are open at once. Close other programs and try again.',
          {
            cause: error,
          },
        );
      default:
        throw pictureError('unreadable', `The file cannot be read (${messageOf(error)}). Check the disk.`, error);
    }
  }
  return decodePicture(bytes, limitPixels);
}
