/** Small datasets made on the spot: nothing binary is kept in the repository. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { deflateSync, gzipSync } from 'node:zlib';
import sharp, { type Sharp } from 'sharp';
import { afterAll } from 'vitest';
import { Random } from '../../../core/random.ts';
import { CoreError } from '../../../core/errors.ts';
import type { DatasetItem, ImageSource, Preparation } from '../../../core/datasets/index.ts';

/** A folder that is removed after the test file. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'triangle-datasets-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Random bytes of a seed: pictures that differ from one another. */
export function noise(seed: number, length: number): Uint8Array {
  const random = Random.seeded(seed, 'test');
  return Uint8Array.from({ length }, () => random.integer(256));
}

/** A sharp picture of noise. */
export function noisePicture(seed: number, width = 16, height = 16, channels: 1 | 3 | 4 = 3): Sharp {
  return sharp(noise(seed, width * height * channels), { raw: { width, height, channels } });
}

/** Writes PNGs of noise under these names below `root`; the seed is the place in the list. */
export async function writePictures(root: string, names: readonly string[], size = 16): Promise<void> {
  for (const [i, name] of names.entries()) {
    const full = path.join(root, name);
    mkdirSync(path.dirname(full), { recursive: true });
    await noisePicture(i, size, size).png().toFile(full);
  }
}

export function writeFile(root: string, name: string, bytes: Uint8Array | string): string {
  const full = path.join(root, name);
  mkdirSync(path.dirname(full), { recursive: true });
  writeFileSync(full, bytes);
  return full;
}

/** The CoreError that `action` throws, as `code: message`. */
export async function errorOf(action: () => unknown): Promise<string> {
  try {
    await action();
  } catch (error) {
    if (error instanceof CoreError) return `${error.code}: ${error.message}`;
    throw error;
  }
  throw new Error('Nothing was thrown.');
}

function bigEndian(...words: number[]): Buffer {
  const bytes = Buffer.alloc(4 * words.length);
  words.forEach((word, i) => bytes.writeUInt32BE(word, 4 * i));
  return bytes;
}

/** An IDX images file and its labels file. */
export function idxFiles(images: readonly Uint8Array[], labels: readonly number[], height: number, width: number) {
  return {
    images: Buffer.concat([bigEndian(2051, images.length, height, width), ...images]),
    labels: Buffer.concat([bigEndian(2049, labels.length), Buffer.from(labels)]),
  };
}

/** Writes the four files of MNIST with pictures of noise, gzip or plain. */
export function writeMnist(folder: string, train: number, test: number, gzip: boolean, side = 8): void {
  const write = (prefix: string, count: number, seed: number) => {
    const images = Array.from({ length: count }, (_, i) => noise(seed + i, side * side));
    const files = idxFiles(
      images,
      images.map((_, i) => i % 10),
      side,
      side,
    );
    const ending = gzip ? '.gz' : '';
    writeFile(folder, `${prefix}-images-idx3-ubyte${ending}`, gzip ? gzipSync(files.images) : files.images);
    writeFile(folder, `${prefix}-labels-idx1-ubyte${ending}`, gzip ? gzipSync(files.labels) : files.labels);
  };
  write('train', train, 1000);
  write('t10k', test, 5000);
}

/** A CIFAR-10 batch: label byte, then the red, green and blue planes of each picture. */
export function cifarBatch(records: readonly { label: number; planes: Uint8Array }[]): Buffer {
  return Buffer.concat(records.flatMap(({ label, planes }) => [Buffer.from([label]), planes]));
}

/** A ustar archive of small files. */
export function tarArchive(files: Readonly<Record<string, Uint8Array>>): Buffer {
  const blocks: Buffer[] = [];
  for (const [name, bytes] of Object.entries(files)) {
    const header = Buffer.alloc(512);
    header.write(name, 0, 'latin1');
    header.write('0000644\0', 100, 'latin1');
    header.write(`${bytes.length.toString(8).padStart(11, '0')}\0`, 124, 'latin1');
    header.write('        0ustar\0', 148, 'latin1');
    header.write(
      header
        .reduce((sum, byte) => sum + byte, 0)
        .toString(8)
        .padStart(6, '0') + '\0 ',
      148,
      'latin1',
    );
    blocks.push(header, Buffer.from(bytes), Buffer.alloc((512 - (bytes.length % 512)) % 512));
  }
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}

function matlabElement(type: number, data: Uint8Array): Buffer {
  const tag = Buffer.alloc(8);
  if (data.length > 0 && data.length <= 4) {
    tag.writeUInt32LE((data.length << 16) | type, 0);
    Buffer.from(data).copy(tag, 4);
    return tag;
  }
  tag.writeUInt32LE(type, 0);
  tag.writeUInt32LE(data.length, 4);
  return Buffer.concat([tag, data, Buffer.alloc((8 - (data.length % 8)) % 8)]);
}

function matlabMatrix(name: string, dimensions: readonly number[], type: number, data: Uint8Array): Buffer {
  const body = Buffer.concat([
    matlabElement(6, new Uint8Array(Uint32Array.of(type === 9 ? 6 : 9, 0).buffer)),
    matlabElement(5, new Uint8Array(Int32Array.from(dimensions).buffer)),
    matlabElement(1, Buffer.from(name, 'latin1')),
    matlabElement(type, data),
  ]);
  return matlabElement(14, body);
}

/** An SVHN file: pictures row-major, channels last, are stored as MATLAB does; labels as doubles, 10 for the digit 0. */
export function svhnFile(
  images: readonly Uint8Array[],
  labels: readonly number[],
  side: number,
  compress = true,
): Buffer {
  const stored = images.map((pixels) => {
    const bytes = new Uint8Array(pixels.length);
    for (let y = 0; y < side; y++) {
      for (let x = 0; x < side; x++) {
        for (let c = 0; c < 3; c++) bytes[y + side * (x + side * c)] = pixels[(y * side + x) * 3 + c] ?? 0;
      }
    }
    return bytes;
  });
  const header = Buffer.alloc(128, ' ');
  header.write('MATLAB 5.0 MAT-file, made by a test', 0, 'latin1');
  header.writeUInt16LE(0x0100, 124);
  header.write('IM', 126, 'latin1');
  const wrap = (matrix: Buffer) => {
    if (!compress) return matrix;
    const packed = deflateSync(matrix);
    const tag = Buffer.alloc(8);
    tag.writeUInt32LE(15, 0);
    tag.writeUInt32LE(packed.length, 4);
    return Buffer.concat([tag, packed]);
  };
  const doubles = new Uint8Array(Float64Array.from(labels).buffer);
  return Buffer.concat([
    header,
    wrap(matlabMatrix('X', [side, side, 3, images.length], 2, Buffer.concat(stored))),
    wrap(matlabMatrix('y', [labels.length, 1], 9, doubles)),
  ]);
}

export const squares = (size: number, channels: 1 | 3 = 1): Preparation => ({
  size,
  channels,
  resize: 'fit',
  tiles: null,
});

/** A source in memory; a picture may be replaced by an error. */
export function memorySource(
  pictures: readonly (Uint8Array | Error)[],
  size: number,
  describe: (index: number) => Partial<DatasetItem> = () => ({}),
): ImageSource {
  const items = pictures.map((_, i) => {
    return { name: `p${i}`, label: null, split: null, anomalous: null, hasMask: false, ...describe(i) };
  });
  return {
    format: 'memory',
    description: 'made by a test',
    items,
    problems: [],
    fingerprint: `memory-${pictures.length}-${size}-${items.map(({ name, split }) => name + String(split)).join()}`,
    shape: null,
    read(index) {
      const picture = pictures[index];
      if (picture instanceof Uint8Array)
        return Promise.resolve({ height: size, width: size, channels: 1, pixels: picture });
      return Promise.reject(picture ?? new Error('no such picture'));
    },
    readMask: () => Promise.resolve(null),
    pathOf: () => null,
    close: () => Promise.resolve(),
  };
}
