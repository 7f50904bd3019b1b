/** Just enough of MATLAB's level 5 MAT-files to find numeric arrays in them (MathWorks, "MAT-File Format"). Little-endian only. */
import { CoreError } from '../errors.ts';

/** A numeric array: where its data lies, counted from the start of its (decompressed) matrix element. */
export interface MatlabArray {
  readonly name: string;
  readonly dimensions: readonly number[];
  /** Storage type of the data: 1 int8, 2 uint8, 3 int16, 4 uint16, 5 int32, 6 uint32, 7 single, 9 double. */
  readonly type: number;
  readonly start: number;
  readonly bytes: number;
}

export const matrixType = 14;
export const compressedType = 15;
export const fileHeaderBytes = 128;
/** Enough of a matrix element to hold everything before its data. */
export const matrixHeaderBytes = 512;

/** Bytes of one value of each storage type. */
const valueBytes: Readonly<Record<number, number>> = { 1: 1, 2: 1, 3: 2, 4: 2, 5: 4, 6: 4, 7: 4, 9: 8 };

interface Tag {
  readonly type: number;
  readonly bytes: number;
  /** Where the data begins, and where the next element does. */
  readonly start: number;
  readonly next: number;
}

function readTag(view: DataView, at: number): Tag {
  const word = view.getUint32(at, true);
  // The small form packs up to 4 bytes of data into the tag itself.
  if (word >>> 16 !== 0) return { type: word & 0xffff, bytes: word >>> 16, start: at + 4, next: at + 8 };
  const bytes = view.getUint32(at + 4, true);
  return { type: word, bytes, start: at + 8, next: at + 8 + Math.ceil(bytes / 8) * 8 };
}

/** Reads the start of a matrix element; null where it is not a real numeric array. */
export function readMatrixHeader(bytes: Uint8Array): MatlabArray | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  try {
    if (view.getUint32(0, true) !== matrixType) return null;
    const flags = readTag(view, 8);
    const dimensions = readTag(view, flags.next);
    const name = readTag(view, dimensions.next);
    const data = readTag(view, name.next);
    if (valueBytes[data.type] === undefined) return null;
    return {
      name: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString(
        'latin1',
        name.start,
        name.start + name.bytes,
      ),
      dimensions: Array.from({ length: dimensions.bytes / 4 }, (_, i) => view.getInt32(dimensions.start + 4 * i, true)),
      type: data.type,
      start: data.start,
      bytes: data.bytes,
    };
  } catch (error) {
    // Reading past the end: too short to be a matrix.
    if (error instanceof RangeError) return null;
    throw error;
  }
}

/** The values of an array whose data are all in `bytes`, from `start`. */
export function readValues(bytes: Uint8Array, { type, start, bytes: length }: MatlabArray): number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const size = valueBytes[type] ?? 1;
  if (start + length > bytes.length) {
    throw new CoreError('dataset/truncated', 'The labels of the .mat file are cut short. Copy or download it again.');
  }
  const read = (at: number): number => {
    switch (type) {
      case 1:
        return view.getInt8(at);
      case 3:
        return view.getInt16(at, true);
      case 4:
        return view.getUint16(at, true);
      case 5:
        return view.getInt32(at, true);
      case 6:
        return view.getUint32(at, true);
      case 7:
        return view.getFloat32(at, true);
      case 9:
        return view.getFloat64(at, true);
      default:
        return view.getUint8(at);
    }
  };
  return Array.from({ length: length / size }, (_, i) => read(start + i * size));
}
