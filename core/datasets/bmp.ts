/**
 * Uncompressed Windows bitmaps of 1, 4, 8, 24 and 32 bits a pixel, which sharp does not read. Layout: file header (14 bytes), info
 * header (12 bytes, or 40 and more), palette, rows padded to 4 bytes, from the bottom unless the height is negative
 * (Microsoft, "Bitmap Storage").
 */
import { pictureError } from './picture-problem.ts';
import type { DecodedImage } from './types.ts';

const fileHeaderBytes = 14;
const bitFields = 3;

interface Header {
  readonly width: number;
  readonly height: number;
  readonly topDown: boolean;
  readonly bits: number;
  readonly pixelStart: number;
  /** Blue, green, red of each entry. */
  readonly palette: Uint8Array[];
  readonly hasAlpha: boolean;
}

const truncated = () => pictureError('truncated', 'The BMP file is cut short. Copy it again from its source.');
const unsupported = (what: string) =>
  pictureError(
    'unsupported',
    `This BMP file ${what}, which is not supported. Save it as PNG or as an uncompressed BMP.`,
  );

function readHeader(bytes: Uint8Array): Header {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (bytes.length < fileHeaderBytes + 12) throw truncated();
  const headerBytes = view.getUint32(fileHeaderBytes, true);
  if (bytes.length < fileHeaderBytes + headerBytes) throw truncated();
  const old = headerBytes === 12;
  if (!old && headerBytes < 40) throw unsupported('has an unknown header');
  const width = old ? view.getUint16(18, true) : view.getInt32(18, true);
  const signedHeight = old ? view.getUint16(20, true) : view.getInt32(22, true);
  const bits = view.getUint16(old ? 24 : 28, true);
  const compression = old ? 0 : view.getUint32(30, true);
  if (![1, 4, 8, 24, 32].includes(bits)) throw unsupported(`has ${bits} bits a pixel`);
  let hasAlpha = false;
  if (compression === bitFields && bits === 32) {
    const masks = [0, 4, 8].map((at) => (bytes.length >= 66 ? view.getUint32(54 + at, true) : 0));
    if (masks[0] !== 0xff0000 || masks[1] !== 0xff00 || masks[2] !== 0xff)
      throw unsupported('has unusual colour masks');
    hasAlpha = headerBytes >= 56 && view.getUint32(66, true) === 0xff000000;
  } else if (compression !== 0) {
    throw unsupported('is compressed');
  }
  if (width <= 0 || signedHeight === 0) {
    throw pictureError('unreadable', `The BMP file says that it is ${width} x ${signedHeight} pixels. Save it again.`);
  }
  const palette: Uint8Array[] = [];
  if (bits <= 8) {
    const entryBytes = old ? 3 : 4;
    const used = old ? 0 : view.getUint32(46, true);
    const entries = used === 0 ? 2 ** bits : Math.min(used, 2 ** bits);
    const start = fileHeaderBytes + headerBytes;
    if (bytes.length < start + entries * entryBytes) throw truncated();
    for (let i = 0; i < entries; i++) palette.push(bytes.subarray(start + i * entryBytes, start + i * entryBytes + 3));
  }
  const pixelStart = view.getUint32(10, true);
  return { width, height: Math.abs(signedHeight), topDown: signedHeight < 0, bits, pixelStart, palette, hasAlpha };
}

/** Palette index of pixel `x` in a row of 1, 4 or 8 bits a pixel, most significant bits first. */
function paletteIndex(row: Uint8Array, x: number, bits: number): number {
  const bit = x * bits;
  return ((row[bit >> 3] ?? 0) >> (8 - bits - (bit & 7))) & (2 ** bits - 1);
}

/** The picture; a palette of greys gives 1 channel. Throws picture errors `truncated`, `unsupported`, `huge`, `unreadable`. */
export function decodeBmp(bytes: Uint8Array, checkSize: (width: number, height: number) => void): DecodedImage {
  const { width, height, topDown, bits, pixelStart, palette, hasAlpha } = readHeader(bytes);
  checkSize(width, height);
  const rowBytes = Math.ceil((width * bits) / 32) * 4;
  if (bytes.length < pixelStart + rowBytes * height) throw truncated();
  const grey = palette.length > 0 && palette.every(([blue, green, red]) => blue === green && green === red);
  const channels = grey ? 1 : 3;
  const pixels = new Uint8Array(width * height * channels);
  const stride = bits / 8;
  for (let y = 0; y < height; y++) {
    const start = pixelStart + (topDown ? y : height - 1 - y) * rowBytes;
    const row = bytes.subarray(start, start + rowBytes);
    let to = y * width * channels;
    for (let x = 0; x < width; x++) {
      const from = x * stride;
      const bgr = bits <= 8 ? palette[paletteIndex(row, x, bits)] : row.subarray(from, from + 3);
      const alpha = hasAlpha ? (row[from + 3] ?? 0) / 255 : 1;
      // Transparent parts lie over white, as in every other format.
      const over = (value: number) => Math.round(255 + alpha * (value - 255));
      if (!grey) {
        pixels[to++] = over(bgr?.[2] ?? 0);
        pixels[to++] = over(bgr?.[1] ?? 0);
      }
      pixels[to++] = over(bgr?.[0] ?? 0);
    }
  }
  return { width, height, channels, pixels };
}
