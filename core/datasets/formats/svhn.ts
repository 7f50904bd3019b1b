/**
 * SVHN, cropped digits: `train_32x32.mat`, `test_32x32.mat`, `extra_32x32.mat`, each with X [32, 32, 3, N] uint8 and y [N, 1], where 10
 * stands for the digit 0 (Netzer et al., "Reading Digits in Natural Images", 2011).
 */
import fs from 'node:fs';
import path from 'node:path';
import { createInflate } from 'node:zlib';
import { CoreError } from '../../errors.ts';
import type { ContainerPart } from '../container.ts';
import { containerSource, describeParts } from '../container.ts';
import type { DatasetFormat, OpenOptions } from '../format.ts';
import type { MatlabArray } from '../matlab.ts';
import {
  compressedType,
  fileHeaderBytes,
  matrixHeaderBytes,
  matrixType,
  readMatrixHeader,
  readValues,
} from '../matlab.ts';
import { PageFile } from '../page-file.ts';
import { damaged, hashFile, unpack } from '../unpack.ts';

const labelsLimitBytes = 64 << 20;

/** A top-level element of the file: where its bytes lie, and whether they are zlib-compressed. */
interface Element {
  readonly start: number;
  readonly bytes: number;
  readonly compressed: boolean;
}

function listElements(file: string): Element[] {
  const descriptor = fs.openSync(file, 'r');
  try {
    const { size } = fs.fstatSync(descriptor);
    const header = Buffer.alloc(fileHeaderBytes);
    fs.readSync(descriptor, header, 0, fileHeaderBytes, 0);
    if (header.toString('latin1', 0, 10) === 'MATLAB 7.3' || header.toString('latin1', 1, 4) === 'HDF') {
      throw new CoreError('dataset/unsupported', `${file} is a MATLAB 7.3 file. Save it again with the option -v7.`);
    }
    if (header.toString('latin1', 126, 128) !== 'IM') {
      throw new CoreError(
        'dataset/unsupported',
        `${file} is not a little-endian MATLAB 5 file. Save it again with the option -v7.`,
      );
    }
    const elements: Element[] = [];
    const tag = Buffer.alloc(8);
    for (let at = fileHeaderBytes; fs.readSync(descriptor, tag, 0, 8, at) === 8;) {
      const [type, bytes] = [tag.readUInt32LE(0), tag.readUInt32LE(4)];
      const compressed = type === compressedType;
      if (at + 8 + bytes > size)
        throw new CoreError('dataset/truncated', `${file} is cut short. Copy or download it again.`);
      // An uncompressed matrix is described from its own tag on, as it is after decompression.
      if (compressed) elements.push({ start: at + 8, bytes, compressed });
      else if (type === matrixType) elements.push({ start: at, bytes: bytes + 8, compressed });
      at += 8 + bytes;
    }
    return elements;
  } finally {
    fs.closeSync(descriptor);
  }
}

/** An element's bytes, decompressed, in pieces. */
async function* elementBytes(file: string, { start, bytes, compressed }: Element): AsyncGenerator<Uint8Array> {
  const raw = fs.createReadStream(file, { start, end: start + bytes - 1, highWaterMark: 1 << 18 });
  const stream = compressed ? raw.pipe(createInflate({ chunkSize: 1 << 18 })) : raw;
  raw.on('error', (error) => stream.destroy(error));
  try {
    for await (const piece of stream) yield piece as Buffer;
  } catch (error) {
    throw damaged(file, error);
  } finally {
    raw.destroy();
    stream.destroy();
  }
}

async function startOf(file: string, element: Element, length: number): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let have = 0;
  for await (const piece of elementBytes(file, element)) {
    pieces.push(piece);
    have += piece.length;
    if (have >= length) break;
  }
  return Buffer.concat(pieces).subarray(0, length);
}

interface Found {
  readonly element: Element;
  readonly array: MatlabArray;
}

async function findArrays(file: string): Promise<{ images: Found; labels: Found }> {
  const found = new Map<string, Found>();
  for (const element of listElements(file)) {
    const array = readMatrixHeader(await startOf(file, element, matrixHeaderBytes));
    if (array !== null) found.set(array.name, { element, array });
  }
  const [images, labels] = [found.get('X'), found.get('y')];
  if (images === undefined || labels === undefined) {
    const names = [...found.keys()].join(', ') || 'no arrays';
    throw new CoreError(
      'dataset/wrong-folder',
      `${file} holds ${names}; SVHN has X and y. Choose a file such as train_32x32.mat.`,
    );
  }
  const [height = 0, width = 0, channels = 0, count = 1] = images.array.dimensions;
  const { type, bytes } = images.array;
  if (
    channels !== 3 ||
    type !== 2 ||
    bytes !== height * width * channels * count ||
    labels.array.bytes > labelsLimitBytes
  ) {
    throw new CoreError(
      'dataset/unsupported',
      `${file} has X of ${images.array.dimensions.join(' x ')} values; SVHN has 32 x 32 x 3 x N of uint8. Choose the cropped digits (format 2).`,
    );
  }
  return { images, labels };
}

async function openPart(file: string, { cacheDir }: OpenOptions) {
  const { images, labels } = await findArrays(file);
  const [height = 0, width = 0, , count = 1] = images.array.dimensions;
  const hash = await hashFile(file);
  const { element, array } = images;
  const values = readValues(await startOf(file, labels.element, labels.array.start + labels.array.bytes), labels.array);
  if (values.length !== count) {
    throw new CoreError(
      'dataset/labels-mismatch',
      `${file} has ${values.length} labels for ${count} images. Download it again.`,
    );
  }
  const locate = () =>
    unpack({
      file,
      cacheDir,
      key: `${hash}.X`,
      limitBytes: array.start + array.bytes + 8,
      bytes: () => elementBytes(file, element),
    });
  const name = path.basename(file).toLowerCase();
  const split = name.startsWith('test') ? 'test' : 'train';
  const part: ContainerPart = {
    split,
    prefix: name.startsWith('extra') ? 'train/extra' : split,
    file: new PageFile(element.compressed ? locate : () => Promise.resolve(file)),
    start: array.start + (element.compressed ? 0 : element.start),
    stride: height * width * 3,
    labels: values.map((value) => String(value === 10 ? 0 : value)),
  };
  return { part, hash, height, width };
}

/** MATLAB stores the first index fastest: [row, column, channel] becomes row-major, channels last. */
function transpose(stored: Uint8Array, height: number, width: number): Uint8Array {
  const pixels = new Uint8Array(stored.length);
  for (let y = 0, to = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let c = 0; c < 3; c++) pixels[to++] = stored[y + height * (x + width * c)] ?? 0;
    }
  }
  return pixels;
}

function matFiles(given: string): string[] {
  if (!fs.statSync(given).isDirectory()) return /\.mat$/i.test(given) ? [given] : [];
  const order = ['train', 'extra', 'test'];
  const rank = (name: string) => order.findIndex((start) => name.toLowerCase().startsWith(start));
  return fs
    .readdirSync(given)
    .filter((name) => /^(train|test|extra)_32x32\.mat$/i.test(name))
    .sort((a, b) => rank(a) - rank(b))
    .map((name) => path.join(given, name));
}

export const format: DatasetFormat = {
  name: 'svhn',
  summary: 'SVHN cropped digits: a folder with train_32x32.mat and test_32x32.mat, or one of them',
  match: (given) => Promise.resolve(matFiles(given).length > 0 ? 1 : 0),
  async open(given, options) {
    const opened = await Promise.all(matFiles(given).map((file) => openPart(file, options)));
    const { height = 0, width = 0 } = opened[0] ?? {};
    if (opened.some((other) => other.height !== height || other.width !== width)) {
      throw new CoreError(
        'dataset/mixed',
        `The .mat files in ${given} differ in image size. Keep only those that belong together.`,
      );
    }
    const parts = opened.map(({ part }) => part);
    return containerSource({
      format: 'svhn',
      description: `SVHN cropped digits: ${describeParts(parts)}, ${width}x${height} RGB, 10 classes`,
      shape: { height, width, channels: 3 },
      parts,
      hashes: opened.map(({ hash }) => hash),
      decode: (stored) => transpose(stored, height, width),
    });
  },
};
