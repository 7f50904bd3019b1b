/**
 * MNIST-style IDX: `train-images-idx3-ubyte`, `train-labels-idx1-ubyte` and the `t10k-` pair, gzip or plain. Header: big-endian
 * magic (2051 images, 2049 labels), counts; then bytes (LeCun, Cortes and Burges, the MNIST page's file format).
 */
import fs from 'node:fs';
import path from 'node:path';
import { CoreError } from '../../errors.ts';
import type { ContainerPart } from '../container.ts';
import { containerSource, describeParts } from '../container.ts';
import { readError } from '../file-errors.ts';
import type { DatasetFormat, OpenOptions } from '../format.ts';
import { PageFile } from '../page-file.ts';
import { firstBytes, gunzipped, hashFile, isGzip, unpack } from '../unpack.ts';

const imagesMagic = 2051;
const labelsMagic = 2049;
const headerBytes = 16;

interface Header {
  readonly count: number;
  readonly height: number;
  readonly width: number;
}

/** The first words of an IDX file, or null where the magic number is another one. */
async function readWords(file: string, magic: number, words: number): Promise<number[] | null> {
  const bytes = await firstBytes(file, words * 4);
  if (bytes.length < words * 4) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (view.getUint32(0) !== magic) return null;
  return Array.from({ length: words - 1 }, (_, i) => view.getUint32(4 * (i + 1)));
}

async function imagesHeader(file: string): Promise<Header | null> {
  const words = await readWords(file, imagesMagic, 4);
  if (words === null) return null;
  const [count = 0, height = 0, width = 0] = words;
  return { count, height, width };
}

const imagesName = /^(.*?)-?images[-.]idx3[-.]ubyte(\.gz)?$/i;

/** Image files of a folder or the file itself; one of a plain and a gzip copy of the same file. */
function imageFiles(given: string): string[] {
  if (fs.statSync(given).isFile()) return [given];
  const names = fs.readdirSync(given).filter((name) => imagesName.test(name));
  const plain = new Set(names.map((name) => name.toLowerCase()));
  return names
    .filter((name) => !(name.toLowerCase().endsWith('.gz') && plain.has(name.slice(0, -3).toLowerCase())))
    .sort()
    .map((name) => path.join(given, name));
}

/** The labels file beside an images file, gzip or not; null where there is none. */
function labelsBeside(images: string): string | null {
  const name = path
    .basename(images)
    .replace(/images/i, 'labels')
    .replace(/idx3/i, 'idx1');
  if (name === path.basename(images)) return null;
  const bare = name.replace(/\.gz$/i, '');
  for (const candidate of [name, bare, `${bare}.gz`]) {
    const full = path.join(path.dirname(images), candidate);
    if (fs.existsSync(full)) return full;
  }
  return null;
}

async function readLabels(file: string, count: number): Promise<string[]> {
  const words = await readWords(file, labelsMagic, 2);
  if (words?.[0] !== count) {
    throw new CoreError(
      'dataset/labels-mismatch',
      `${file} has ${words === null ? 'no IDX header' : `${words[0] ?? 0} labels`} for ${count} images. Use the labels file that belongs to the images.`,
    );
  }
  const bytes = await firstBytes(file, 8 + count);
  if (bytes.length < 8 + count) {
    throw new CoreError('dataset/truncated', `${file} is cut short. Copy or download it again.`);
  }
  const names = Array.from({ length: 256 }, (_, i) => String(i));
  return Array.from({ length: count }, (_, i) => names[bytes[8 + i] ?? 0] ?? '');
}

/** Opens one images file with its labels. */
async function openPart(
  images: string,
  cacheDir: string,
): Promise<{ part: ContainerPart; header: Header; hashes: string[] }> {
  const header = await imagesHeader(images);
  if (header === null) {
    throw new CoreError('dataset/damaged', `${images} has no IDX images header. Copy or download it again.`);
  }
  const size = headerBytes + header.count * header.height * header.width;
  const compressed = isGzip(images);
  if (!compressed && fs.statSync(images).size < size) {
    throw new CoreError('dataset/truncated', `${images} is cut short. Copy or download it again.`);
  }
  const labelsFile = labelsBeside(images);
  const hash = await hashFile(images);
  const locate = () =>
    compressed
      ? unpack({ file: images, cacheDir, key: `${hash}.idx`, limitBytes: size, bytes: () => gunzipped(images) })
      : Promise.resolve(images);
  const name = path.basename(images).toLowerCase();
  const split = /^(t10k|test)/.test(name) ? 'test' : name.startsWith('train') ? 'train' : null;
  return {
    header,
    hashes: labelsFile === null ? [hash] : [hash, await hashFile(labelsFile)],
    part: {
      split,
      prefix: split ?? 'images',
      file: new PageFile(locate),
      start: headerBytes,
      stride: header.height * header.width,
      labels:
        labelsFile === null ? new Array<null>(header.count).fill(null) : await readLabels(labelsFile, header.count),
    },
  };
}

export const format: DatasetFormat = {
  name: 'mnist-idx',
  summary: 'MNIST-style IDX files (images and labels), gzip or plain: a folder of them, or one images file',
  async match(given) {
    try {
      const [first] = imageFiles(given);
      return first !== undefined && (await imagesHeader(first)) !== null ? 1 : 0;
    } catch {
      return 0;
    }
  },
  async open(given, { cacheDir }: OpenOptions) {
    try {
      const opened = await Promise.all(imageFiles(given).map((file) => openPart(file, cacheDir)));
      // Training images first, as everybody counts them.
      opened.sort((a, b) => Number(b.part.split === 'train') - Number(a.part.split === 'train'));
      const header = opened[0]?.header;
      if (header === undefined)
        throw new CoreError('dataset/empty', `No IDX images in ${given}. Choose another folder.`);
      const { height, width } = header;
      if (opened.some((other) => other.header.height !== height || other.header.width !== width)) {
        throw new CoreError(
          'dataset/mixed',
          `The IDX files in ${given} differ in image size. Keep only those that belong together.`,
        );
      }
      const parts = opened.map(({ part }) => part);
      const labelled = parts.some((part) => part.labels.some((label) => label !== null)) ? '' : ', no labels';
      return containerSource({
        format: 'mnist-idx',
        description: `MNIST-style IDX: ${describeParts(parts)}, ${width}x${height} grey${labelled}`,
        shape: { height, width, channels: 1 },
        parts,
        hashes: opened.flatMap(({ hashes }) => hashes),
      });
    } catch (error) {
      throw readError(given, error);
    }
  },
};
