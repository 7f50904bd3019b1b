/**
 * Small PNG pictures of the plain kind: 8 bits, grey or RGB, not interlaced, without profile, orientation or transparency. For a few
 * kilobytes of pixels, what sharp does around the decoding costs several times the decoding itself. Every other PNG, and every damaged
 * one, is sharp's. Layout and filters: W3C, "Portable Network Graphics (PNG) Specification", second edition, sections 5, 9 and 11.
 */
import { crc32, inflateSync } from 'node:zlib';
import type { Channels, DecodedImage } from './types.ts';

/** Above this the time on the calling thread is no longer below what handing the work to another thread costs. */
const mostPixelBytes = 1 << 14;
const signatureBytes = 8;
/** Chunks that change no pixel. */
const ignored: ReadonlySet<string> = new Set(['tEXt', 'zTXt', 'iTXt', 'tIME', 'pHYs', 'bKGD', 'hIST', 'sPLT', 'sBIT']);

interface Chunks {
  readonly header: Uint8Array;
  /** The compressed rows. */
  readonly data: Uint8Array;
}

/** The picture, equal to what sharp decodes; null where this is not a file of that kind, or not a whole one. */
export function decodeSmallPng(bytes: Uint8Array): DecodedImage | null {
  const chunks = readChunks(bytes);
  if (chunks === null) return null;
  const { header, data } = chunks;
  const view = new DataView(header.buffer, header.byteOffset, header.length);
  const [width, height, bits, colour] = [view.getUint32(0), view.getUint32(4), header[8], header[9]];
  // Compression, filter method and interlacing have one plain value each.
  if (bits !== 8 || (colour !== 0 && colour !== 2) || header[10] !== 0 || header[11] !== 0 || header[12] !== 0)
    return null;
  const channels: Channels = colour === 0 ? 1 : 3;
  if (width * height * channels > mostPixelBytes) return null;
  const expected = height * (1 + width * channels);
  let rows: Uint8Array;
  try {
    // One piece of memory, with a place more than is needed: with none left zlib would make another.
    rows = inflateSync(data, { maxOutputLength: expected, chunkSize: Math.max(64, expected + 1) });
  } catch {
    return null;
  }
  if (rows.length !== expected) return null;
  const pixels = unfilter(rows, width * channels, height, channels);
  return pixels === null ? null : { width, height, channels, pixels };
}

function readChunks(bytes: Uint8Array): Chunks | null {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const parts: Uint8Array[] = [];
  let header: Uint8Array | null = null;
  for (let at = signatureBytes; at + 12 <= buffer.length;) {
    const length = buffer.readUInt32BE(at);
    const end = at + 12 + length;
    if (end > buffer.length) return null;
    const content = buffer.subarray(at + 8, end - 4);
    if (crc32(buffer.subarray(at + 4, end - 4)) !== buffer.readUInt32BE(end - 4)) return null;
    const type = buffer.toString('latin1', at + 4, at + 8);
    if (type === 'IEND') return header === null ? null : { header, data: joined(parts) };
    if (header === null) {
      if (type !== 'IHDR' || length !== 13) return null;
      header = content;
    } else if (type === 'IDAT') {
      parts.push(content);
    } else if (!ignored.has(type)) {
      return null;
    }
    at = end;
  }
  return null;
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const [first = new Uint8Array(0)] = parts;
  return parts.length <= 1 ? first : Buffer.concat(parts);
}

/** Undoes the filter of each row (section 9.2), in place: the pixels begin where the rows did. Null for an unknown filter. */
function unfilter(rows: Uint8Array, rowBytes: number, height: number, channels: number): Uint8Array | null {
  // What lies above the first row, and left of each, counts as zero.
  let above: Uint8Array = new Uint8Array(rowBytes);
  for (let y = 0; y < height; y++) {
    const start = y * (rowBytes + 1);
    const filter = rows[start];
    const row = rows.subarray(y * rowBytes, (y + 1) * rowBytes);
    // Rows move towards the beginning by as many bytes as there are filters before them.
    row.set(rows.subarray(start + 1, start + 1 + rowBytes));
    switch (filter) {
      case 0:
        break;
      case 1:
        for (let i = channels; i < rowBytes; i++) row[i] = (row[i] ?? 0) + (row[i - channels] ?? 0);
        break;
      case 2:
        for (let i = 0; i < rowBytes; i++) row[i] = (row[i] ?? 0) + (above[i] ?? 0);
        break;
      case 3:
        for (let i = 0; i < rowBytes; i++) {
          const left = i < channels ? 0 : (row[i - channels] ?? 0);
          row[i] = (row[i] ?? 0) + ((left + (above[i] ?? 0)) >> 1);
        }
        break;
      case 4:
        for (let i = 0; i < rowBytes; i++) {
          const inside = i >= channels;
          const left = inside ? (row[i - channels] ?? 0) : 0;
          const corner = inside ? (above[i - channels] ?? 0) : 0;
          row[i] = (row[i] ?? 0) + paeth(left, above[i] ?? 0, corner);
        }
        break;
      default:
        return null;
    }
    above = row;
  }
  return new Uint8Array(rows.buffer, rows.byteOffset, height * rowBytes);
}

/** Whichever of the three neighbours is closest to left + above - corner; ties in this order. */
function paeth(left: number, above: number, corner: number): number {
  const fromLeft = Math.abs(above - corner);
  const fromAbove = Math.abs(left - corner);
  const fromCorner = Math.abs(left + above - 2 * corner);
  if (fromLeft <= fromAbove && fromLeft <= fromCorner) return left;
  return fromAbove <= fromCorner ? above : corner;
}
