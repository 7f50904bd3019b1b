import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { openSource, prepareDataset, summarise } from '../../../core/datasets/index.ts';
import { sharedData } from '../../shared-data.ts';
import {
  cifarBatch,
  errorOf,
  idxFiles,
  noise,
  squares,
  svhnFile,
  tarArchive,
  temporaryFolder,
  writeFile,
  writeMnist,
  writePictures,
} from './helpers.ts';

const root = temporaryFolder();
const cacheDir = path.join(root, 'cache');
const open = (name: string) => openSource(path.join(root, name), { cacheDir });

describe('folder layouts', () => {
  it('recognises the MVTec layout with both ways of naming masks', async () => {
    await writePictures(path.join(root, 'mvtec'), [
      'train/good/000.png',
      'train/good/001.png',
      'test/good/000.png',
      'test/crack/000.png',
      'test/hole/7.png',
      'ground_truth/crack/000_mask.png',
      'ground_truth/hole/7.png',
    ]);
    const source = await open('mvtec');
    expect(source.description).toBe(
      'MVTec layout: 2 good for training, 1 good and 2 defective for testing (crack, hole), 2 masks',
    );
    expect(source.items.map((item) => [item.name, item.label, item.split, item.anomalous, item.hasMask])).toEqual([
      ['test/crack/000.png', 'crack', 'test', true, true],
      ['test/good/000.png', 'good', 'test', false, false],
      ['test/hole/7.png', 'hole', 'test', true, true],
      ['train/good/000.png', 'good', 'train', false, false],
      ['train/good/001.png', 'good', 'train', false, false],
    ]);
    const mask = await source.readMask(0);
    expect([mask?.width, mask?.channels, new Set(mask?.pixels)]).toEqual([16, 1, new Set([0, 255])]);
    expect(await source.readMask(1)).toBeNull();
    expect(source.pathOf(0)).toBe(path.join(root, 'mvtec', 'test', 'crack', '000.png'));
  });

  it.each([
    ['ok1', ['OK/a.png', 'ng/b.png'], 'OK/NG folders: 1 normal, 1 anomalous (1 OK, 1 ng)', [false, true]],
    [
      'ok2',
      ['train/Ok/a.png', 'test/Ok/b.png', 'test/BAD/c.png'],
      'OK/NG folders: 2 normal, 1 anomalous (1 BAD, 2 Ok)',
      [true, false, false],
    ],
    [
      'ok3',
      ['good/a.png', 'Defect/b.png', 'defect2/c.png'],
      'OK/NG folders: 1 normal, 2 anomalous (1 Defect, 1 defect2, 1 good)',
      [true, true, false],
    ],
    [
      'cls',
      ['cat/a.png', 'cat/x/b.png', 'dog/c.png'],
      'Class folders: 3 pictures in 2 classes (2 cat, 1 dog)',
      [null, null, null],
    ],
    [
      'cls2',
      ['train/cat/a.png', 'test/dog/b.png'],
      'Class folders: 2 pictures in 2 classes (1 cat, 1 dog)',
      [null, null],
    ],
    ['flat', ['a.png', 'b/c.png', 'd/e.png'], 'Plain folder: 3 pictures without labels', [null, null, null]],
    [
      'flat2',
      ['train/a.png', 'test/c.png'],
      'Plain folder: 2 pictures without labels, 1 of them for testing',
      [null, null],
    ],
  ])('recognises %s by its names', async (name, files, description, anomalous) => {
    await writePictures(path.join(root, name), files);
    const source = await open(name);
    expect(source.description).toBe(description);
    expect(source.items.map((item) => item.anomalous)).toEqual(anomalous);
  });

  it('gives another fingerprint when a file changes, and the same when nothing does', async () => {
    await writePictures(path.join(root, 'changing'), ['a.png', 'b.png']);
    const before = await open('changing');
    expect((await open('changing')).fingerprint).toBe(before.fingerprint);
    writeFile(path.join(root, 'changing'), 'c.png', readFileSync(path.join(root, 'changing', 'a.png')));
    expect((await open('changing')).fingerprint).not.toBe(before.fingerprint);
  });
});

describe('MNIST IDX', () => {
  it.each([true, false])('reads the four files (gzip: %s), training first', async (gzip) => {
    const folder = path.join(root, `mnist-${String(gzip)}`);
    writeMnist(folder, 12, 5, gzip);
    const source = await openSource(folder, { cacheDir });
    expect(source.description).toBe('MNIST-style IDX: 12 for training, 5 for testing, 8x8 grey');
    expect(source.items[11]).toEqual({
      name: 'train/000011',
      label: '1',
      split: 'train',
      anomalous: null,
      hasMask: false,
    });
    expect(source.items[12]).toMatchObject({ name: 'test/000000', label: '0', split: 'test' });
    expect((await source.read(11)).pixels).toEqual(noise(1011, 64));
    expect((await source.read(16)).pixels).toEqual(noise(5004, 64));
    expect((await source.read(0)).pixels).toEqual(noise(1000, 64));
    await source.close();
  });

  it('reads one images file with its labels beside, and without labels', async () => {
    writeMnist(path.join(root, 'one'), 4, 3, false);
    const file = path.join(root, 'one', 't10k-images-idx3-ubyte');
    expect((await openSource(file, { cacheDir })).items.map(({ label }) => label)).toEqual(['0', '1', '2']);
    const alone = writeFile(root, 'alone/train-images-idx3-ubyte', readFileSync(file));
    const source = await openSource(alone, { cacheDir });
    expect(source.description).toBe('MNIST-style IDX: 3 for training, 8x8 grey, no labels');
    await source.close();
  });

  it.each([
    [
      'images cut short',
      (f: Files) => ({ ...f, images: f.images.subarray(0, 100) }),
      /^dataset\/truncated: .*is cut short\. Copy or download it again\.$/,
    ],
    [
      'labels of others',
      (f: Files) => ({ ...f, labels: idxFiles([], [1], 8, 8).labels }),
      /^dataset\/labels-mismatch: .* has 1 labels for 3 images\./,
    ],
    [
      'labels cut short',
      (f: Files) => ({ ...f, labels: f.labels.subarray(0, 9) }),
      /^dataset\/truncated: .*labels.* is cut short/,
    ],
  ])('says what is wrong: %s', async (name, spoil, expected) => {
    const files = spoil(idxFiles([noise(1, 64), noise(2, 64), noise(3, 64)], [1, 2, 3], 8, 8));
    const folder = path.join(root, `idx ${name}`);
    writeFile(folder, 'train-images-idx3-ubyte', files.images);
    writeFile(folder, 'train-labels-idx1-ubyte', files.labels);
    expect(await errorOf(() => openSource(folder, { cacheDir }))).toMatch(expected);
  });

  it('reports a cut-short gzip file when it is unpacked, and leaves nothing in the cache', async () => {
    const packed = gzipSync(idxFiles([noise(1, 64), noise(2, 64)], [1, 2], 8, 8).images);
    writeFile(root, 'cut/train-images-idx3-ubyte.gz', packed.subarray(0, packed.length - 20));
    const source = await open('cut');
    expect(await errorOf(() => source.read(0))).toMatch(/^dataset\/truncated: .*gz is cut short/);
    expect(readdirSync(path.join(cacheDir, 'unpacked')).filter((name) => name.includes('.tmp-'))).toEqual([]);
  });
});

type Files = ReturnType<typeof idxFiles>;

describe('CIFAR-10 binary', () => {
  const planes = (seed: number) => noise(seed, 3072);
  const files = {
    'data_batch_1.bin': cifarBatch([1, 2, 3].map((seed) => ({ label: seed, planes: planes(seed) }))),
    'test_batch.bin': cifarBatch([{ label: 9, planes: planes(9) }]),
  };
  const check = async (given: string) => {
    const source = await openSource(given, { cacheDir });
    expect(source.description).toBe('CIFAR-10 binary: 3 for training, 1 for testing, 32x32 RGB, 10 classes');
    expect(source.items.map(({ name, label }) => `${name} ${label ?? ''}`)).toEqual([
      'train/data_batch_1/000000 automobile',
      'train/data_batch_1/000001 bird',
      'train/data_batch_1/000002 cat',
      'test/test_batch/000000 truck',
    ]);
    const [red, green, blue] = [planes(9)[5], planes(9)[1024 + 5], planes(9)[2048 + 5]];
    expect([...(await source.read(3)).pixels.subarray(15, 18)]).toEqual([red, green, blue]);
    await source.close();
  };

  it('reads a folder of batches', async () => {
    for (const [name, bytes] of Object.entries(files)) writeFile(root, `cifar/${name}`, bytes);
    await check(path.join(root, 'cifar'));
  });

  it('reads a tar.gz, unpacked once', async () => {
    const entries = Object.entries(files).map(([name, bytes]) => [`cifar-10-batches-bin/${name}`, bytes] as const);
    const archive = writeFile(
      root,
      'cifar-10-binary.tar.gz',
      gzipSync(tarArchive(Object.fromEntries(entries.reverse()))),
    );
    await check(archive);
    await check(archive);
  });

  it.each([
    ['short', files['data_batch_1.bin'].subarray(0, 3000), /^dataset\/truncated: data_batch_1\.bin has 3000 bytes/],
    ['label', cifarBatch([{ label: 77, planes: planes(1) }]), /^dataset\/damaged: data_batch_1\.bin has the label 77/],
  ])('says what is wrong: %s', async (name, bytes, expected) => {
    writeFile(root, `cifar-${name}/data_batch_1.bin`, bytes);
    expect(await errorOf(() => open(`cifar-${name}`))).toMatch(expected);
  });

  it('names an archive of something else', async () => {
    const archive = writeFile(root, 'other.tar.gz', gzipSync(tarArchive({ 'a.txt': Buffer.from('hello') })));
    expect(await errorOf(() => openSource(archive, { cacheDir }))).toMatch(
      /^dataset\/wrong-folder: .* holds no CIFAR-10 batches/,
    );
  });
});

describe('SVHN', () => {
  const images = [1, 2, 3].map((seed) => noise(seed, 32 * 32 * 3));

  it.each([true, false])('reads X and y (compressed: %s); 10 is the digit 0', async (compress) => {
    const folder = path.join(root, `svhn-${String(compress)}`);
    writeFile(folder, 'train_32x32.mat', svhnFile(images.slice(0, 2), [10, 7], 32, compress));
    writeFile(folder, 'test_32x32.mat', svhnFile(images.slice(2), [3], 32, compress));
    const source = await openSource(folder, { cacheDir });
    expect(source.description).toBe('SVHN cropped digits: 2 for training, 1 for testing, 32x32 RGB, 10 classes');
    expect(source.items.map(({ name, label, split }) => [name, label, split])).toEqual([
      ['train/000000', '0', 'train'],
      ['train/000001', '7', 'train'],
      ['test/000000', '3', 'test'],
    ]);
    for (const i of [2, 0, 1]) expect((await source.read(i)).pixels).toEqual(images[i]);
    await source.close();
  });

  it.each([
    ['short', () => svhnFile(images, [1, 2, 3], 32).subarray(0, 4000), /^dataset\/truncated: /],
    ['labels', () => svhnFile(images, [1, 2], 32), /^dataset\/labels-mismatch: .* has 2 labels for 3 images/],
    [
      'hdf5',
      () => Buffer.from('MATLAB 7.3 MAT-file'.padEnd(600)),
      /^dataset\/unsupported: .* MATLAB 7\.3 file\. Save it again with the option -v7\./,
    ],
    [
      'empty',
      () => svhnFile(images, [1], 32).subarray(0, 128),
      /^dataset\/wrong-folder: .* holds no arrays; SVHN has X and y/,
    ],
  ])('says what is wrong: %s', async (name, bytes, expected) => {
    const file = writeFile(root, `${name}.mat`, bytes());
    expect(await errorOf(() => openSource(file, { cacheDir }))).toMatch(expected);
  });
});

describe('real data', () => {
  const cases: [string, string][] = [
    ['mnist', 'MNIST-style IDX: 60,000 for training, 10,000 for testing, 28x28 grey'],
    ['cifar10', 'CIFAR-10 binary: 20,000 for training, 10,000 for testing, 32x32 RGB, 10 classes'],
    [
      'industrial/magnetic-tile',
      'MVTec layout: 600 good for training, 168 good and 232 defective for testing (blowhole, break, crack, fray, uneven), 232 masks',
    ],
    ['ood/textures-dtd-32', 'Plain folder: 1,200 pictures without labels'],
  ];
  for (const [name, description] of cases) {
    const folder = sharedData(name);
    it.skipIf(folder === null)(`recognises ${name}${folder === null ? ' (skipped: no shared data)' : ''}`, async () => {
      const source = await openSource(folder ?? '', { cacheDir });
      expect(source.description).toBe(description);
      await source.close();
    });
  }

  const mnist = sharedData('mnist/t10k-images-idx3-ubyte.gz');
  it.skipIf(mnist === null)(
    `counts MNIST's test labels${mnist === null ? ' (skipped: no shared data)' : ''}`,
    async () => {
      const source = await openSource(mnist ?? '', { cacheDir });
      const prepared = await prepareDataset(source, squares(28), { cacheDir });
      const { labels } = summarise(prepared);
      expect(labels.map(({ test }) => test)).toEqual([980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]);
      prepared.close();
      await source.close();
    },
  );
});
