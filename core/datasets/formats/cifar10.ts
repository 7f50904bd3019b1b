/**
 * CIFAR-10 binary: `data_batch_1.bin` … and `test_batch.bin`, in a folder or in a `.tar.gz`; records of one label byte and 3,072 bytes,
 * the red, green and blue planes of 32x32 pixels (Krizhevsky, the CIFAR-10 page's "binary version").
 */
import fs from 'node:fs';
import path from 'node:path';
import { CoreError } from '../../errors.ts';
import type { ContainerPart } from '../container.ts';
import { containerSource, describeParts } from '../container.ts';
import type { DatasetFormat, OpenOptions } from '../format.ts';
import { PageFile } from '../page-file.ts';
import { listTar, parseTarHeader } from '../tar.ts';
import { firstBytes, gunzipped, hashFile, unpack } from '../unpack.ts';

const side = 32;
const plane = side * side;
const recordBytes = 1 + 3 * plane;
const archiveLimitBytes = 4 * 2 ** 30;
const officialNames = ['airplane', 'automobile', 'bird', 'cat', 'deer', 'dog', 'frog', 'horse', 'ship', 'truck'];

const batchName = /(^|\/)(data_batch_\d+|test_batch)\.bin$/i;
const archiveName = /\.(tar\.gz|tgz|tar)$/i;
const metaName = 'batches.meta.txt';

/** A file of records: a whole file, or a part of an archive. */
interface Batch {
  readonly name: string;
  readonly file: string;
  readonly start: number;
  readonly size: number;
}

/** Planes of red, green and blue to interleaved pixels. */
function interleave(stored: Uint8Array): Uint8Array {
  const pixels = new Uint8Array(3 * plane);
  for (let i = 0, to = 0; i < plane; i++) {
    pixels[to++] = stored[i] ?? 0;
    pixels[to++] = stored[plane + i] ?? 0;
    pixels[to++] = stored[2 * plane + i] ?? 0;
  }
  return pixels;
}

/** The folder that holds the batches: the one given, or the one that the official archive unpacks to inside it. */
function batchFolder(given: string): string {
  const inner = path.join(given, 'cifar-10-batches-bin');
  return fs.existsSync(inner) ? inner : given;
}

function folderBatches(folder: string): Batch[] {
  return fs
    .readdirSync(folder)
    .filter((name) => batchName.test(name))
    .map((name) => ({
      name,
      file: path.join(folder, name),
      start: 0,
      size: fs.statSync(path.join(folder, name)).size,
    }));
}

async function openPart(batch: Batch, names: readonly string[]): Promise<ContainerPart> {
  if (batch.size === 0 || batch.size % recordBytes !== 0) {
    throw new CoreError(
      'dataset/truncated',
      `${batch.name} has ${batch.size} bytes, which is no whole number of CIFAR-10 records (${recordBytes} bytes). Copy or download it again.`,
    );
  }
  const file = new PageFile(() => Promise.resolve(batch.file));
  const labels: string[] = [];
  for (let at = 0; at < batch.size; at += recordBytes) {
    const [label = 0] = await file.read(batch.start + at, 1);
    const name = names[label];
    if (name === undefined) {
      await file.close();
      throw new CoreError(
        'dataset/damaged',
        `${batch.name} has the label ${label}; CIFAR-10 has 0 to 9. Copy or download it again.`,
      );
    }
    labels.push(name);
  }
  const stem = path.posix.basename(batch.name.replaceAll('\\', '/')).replace(/\.bin$/i, '');
  const split = /^test/i.test(stem) ? 'test' : 'train';
  return { split, prefix: `${split}/${stem}`, file, start: batch.start + 1, stride: recordBytes, labels };
}

async function openBatches(batches: readonly Batch[], meta: string | null, hashes: readonly string[]) {
  const listed = (meta ?? '').split(/\r?\n/).filter((line) => line.trim() !== '');
  const names = listed.length === officialNames.length ? listed.map((line) => line.trim()) : officialNames;
  const order = (batch: Batch) => `${/test_batch/i.test(batch.name) ? 1 : 0}${batch.name}`;
  const sorted = [...batches].sort((a, b) => (order(a) < order(b) ? -1 : 1));
  const parts = await Promise.all(sorted.map((batch) => openPart(batch, names)));
  return containerSource({
    format: 'cifar10',
    description: `CIFAR-10 binary: ${describeParts(parts)}, 32x32 RGB, 10 classes`,
    shape: { height: side, width: side, channels: 3 },
    parts,
    hashes: [...hashes, ...names],
    decode: interleave,
  });
}

async function openArchive(archive: string, { cacheDir }: OpenOptions) {
  const hash = await hashFile(archive);
  const tar = /\.tar$/i.test(archive)
    ? archive
    : await unpack({
        file: archive,
        cacheDir,
        key: `${hash}.tar`,
        limitBytes: archiveLimitBytes,
        bytes: () => gunzipped(archive),
      });
  const entries = listTar(tar);
  const batches = entries.filter(({ name }) => batchName.test(name)).map((entry) => ({ ...entry, file: tar }));
  if (batches.length === 0) {
    throw new CoreError(
      'dataset/wrong-folder',
      `${archive} holds no CIFAR-10 batches (.bin). Choose cifar-10-binary.tar.gz.`,
    );
  }
  const metaEntry = entries.find(({ name }) => name.endsWith(metaName));
  let meta: string | null = null;
  if (metaEntry !== undefined && metaEntry.size < 10_000) {
    const file = new PageFile(() => Promise.resolve(tar));
    meta = Buffer.from(await file.read(metaEntry.start, metaEntry.size)).toString('utf8');
    await file.close();
  }
  return openBatches(batches, meta, [hash]);
}

export const format: DatasetFormat = {
  name: 'cifar10',
  summary: 'CIFAR-10 binary: a folder with the .bin files, one of them, or the .tar.gz',
  async match(given) {
    if (fs.statSync(given).isDirectory()) return folderBatches(batchFolder(given)).length > 0 ? 1 : 0;
    if (batchName.test(given.replaceAll('\\', '/'))) return 1;
    if (!archiveName.test(given)) return 0;
    const header = parseTarHeader(await firstBytes(given, 512));
    return header === null ? 0 : /cifar|batch/i.test(header.name) ? 0.9 : 0.3;
  },
  async open(given, options) {
    const isFolder = fs.statSync(given).isDirectory();
    if (!isFolder && archiveName.test(given)) return openArchive(given, options);
    const folder = isFolder ? batchFolder(given) : path.dirname(given);
    const batches = folderBatches(folder).filter(({ name }) => isFolder || name === path.basename(given));
    const meta = path.join(folder, metaName);
    const hashes = await Promise.all(batches.map(({ file }) => hashFile(file)));
    return openBatches(batches, fs.existsSync(meta) ? fs.readFileSync(meta, 'utf8') : null, hashes);
  },
};
