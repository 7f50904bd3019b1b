import { spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { openSource, prepareDataset, summarise } from '../../../core/datasets/index.ts';
import { temporaryBeside } from '../../../core/datasets/atomic.ts';
import { CacheWriter, cacheFolder } from '../../../core/datasets/cache.ts';
import { writeError } from '../../../core/datasets/file-errors.ts';
import { pictureError } from '../../../core/datasets/picture-problem.ts';
import { errorOf, memorySource, noise, squares, temporaryFolder, writeFile, writePictures } from './helpers.ts';

const pictures = (count: number, size = 8) => Array.from({ length: count }, (_, i) => noise(i, size * size));
const at = (prepared: { read: (indices: number[], target: Uint8Array) => void }, index: number, bytes = 64) => {
  const target = new Uint8Array(bytes);
  prepared.read([index], target);
  return target;
};
const leftovers = (cacheDir: string) => {
  const folder = path.join(cacheDir, 'prepared');
  return existsSync(folder) ? readdirSync(folder).filter((name) => name.includes('.tmp-')) : [];
};

describe('prepareDataset', () => {
  it('gives every picture back, in any order, from disk as from memory', async () => {
    const cacheDir = temporaryFolder();
    const all = pictures(40);
    for (const memoryBytes of [0, 1 << 20]) {
      const prepared = await prepareDataset(memorySource(all, 8), squares(8), { cacheDir, memoryBytes });
      expect([prepared.count, prepared.shape]).toEqual([40, { height: 8, width: 8, channels: 1 }]);
      const target = new Uint8Array(6 * 64);
      prepared.read([7, 8, 9, 39, 0, 7], target);
      expect(target).toEqual(Uint8Array.from([7, 8, 9, 39, 0, 7].flatMap((i) => [...(all[i] ?? [])])));
      expect(await errorOf(() => prepared.read([40], target))).toMatch(
        /^internal\/index: Image 40 does not exist: there are 40/,
      );
      prepared.close();
      expect(await errorOf(() => prepared.read([0], target))).toMatch(/^internal\/closed/);
    }
  });

  it('reports bad pictures, keeps the first of equal ones, and never touches the test split', async () => {
    const [a = new Uint8Array(), b = new Uint8Array()] = pictures(2);
    const list = [a, pictureError('truncated', 'Cut short.'), b, a, a];
    const source = memorySource(list, 8, (i) => ({
      split: i === 4 ? 'test' : 'train',
      label: i === 3 ? 'crack' : 'good',
    }));
    const prepared = await prepareDataset(source, squares(8), { cacheDir: temporaryFolder() });
    expect(prepared.items.map(({ name }) => name)).toEqual(['p0', 'p2', 'p4']);
    expect(prepared.problems).toEqual([
      { name: 'p1', kind: 'truncated', detail: 'Cut short.' },
      {
        name: 'p3',
        kind: 'duplicate',
        detail: 'Same picture as p0, which is labelled good instead of crack. Only one of the two is learnt from.',
        duplicateOf: 'p0',
      },
      { name: 'p4', kind: 'duplicate', detail: 'Same picture as p0. It stays in the test images.', duplicateOf: 'p0' },
    ]);
    expect(at(prepared, 1)).toEqual(b);
    expect(summarise(prepared).problems).toEqual({ truncated: 1, duplicate: 2 });
    prepared.close();
  });

  it('stops on errors that are not about one picture, and when nothing is usable', async () => {
    const cacheDir = temporaryFolder();
    const broken = memorySource([...pictures(3), new Error('the disk burns')], 8);
    await expect(prepareDataset(broken, squares(8), { cacheDir })).rejects.toThrow('the disk burns');
    const bad = memorySource([pictureError('tiny', 'Only 1 x 1.')], 8);
    expect(await errorOf(() => prepareDataset(bad, squares(8), { cacheDir }))).toBe(
      'dataset/no-usable-pictures: None of the 1 pictures (made by a test) can be used. The first, p0: Only 1 x 1. Choose other pictures.',
    );
    expect(readdirSync(path.join(cacheDir, 'prepared'))).toEqual([]);
  });

  it('knows for each tile the picture that it comes from', async () => {
    const root = temporaryFolder();
    await writePictures(root, ['a.png', 'b.png'], 40);
    await writePictures(root, ['c.png'], 24);
    const source = await openSource(root);
    const preparation = { ...squares(24, 3), tiles: { stride: 16, scale: 1 } };
    const prepared = await prepareDataset(source, preparation, { cacheDir: path.join(root, 'cache') });
    expect([...prepared.itemOf]).toEqual([0, 0, 0, 0, 1, 1, 1, 1, 2]);
    expect(prepared.sizes).toEqual({
      min: [24, 24],
      median: [40, 40],
      max: [40, 40],
      channels: { grey: 0, colour: 3 },
    });
    prepared.close();
  });

  it('reports progress with an end, and cancels without a trace', async () => {
    const cacheDir = temporaryFolder();
    const seen: number[] = [];
    const prepared = await prepareDataset(memorySource(pictures(30), 8), squares(8), {
      cacheDir,
      onProgress: ({ done, total }) => seen.push(done / total),
    });
    expect(seen.at(-1)).toBe(1);
    prepared.close();
    const stop = new AbortController();
    const source = memorySource(pictures(31), 8);
    const cancelling = { ...source, read: (i: number) => (i === 20 && stop.abort(), source.read(i)) };
    expect(await errorOf(() => prepareDataset(cancelling, squares(8), { cacheDir, signal: stop.signal }))).toMatch(
      /^cancelled: /,
    );
    expect(leftovers(cacheDir)).toEqual([]);
    expect(readdirSync(path.join(cacheDir, 'prepared'))).toHaveLength(1);
  });
});

describe('the cache', () => {
  it('is reused: nothing is decoded again', async () => {
    const cacheDir = temporaryFolder();
    const source = memorySource(pictures(5), 8);
    const first = await prepareDataset(source, squares(8), { cacheDir });
    const never = { ...source, read: () => Promise.reject(new Error('decoded again')) };
    const second = await prepareDataset(never, squares(8), { cacheDir });
    expect(second.fingerprint).toBe(first.fingerprint);
    expect(at(second, 4)).toEqual(at(first, 4));
    first.close();
    second.close();
    await expect(prepareDataset(never, { ...squares(8), resize: 'fill' }, { cacheDir })).rejects.toThrow(
      'decoded again',
    );
  });

  it.each([
    ['cut short', (folder: string) => truncateSync(path.join(folder, 'images.bin'), 100)],
    ['changed', (folder: string) => writeFileSync(path.join(folder, 'images.bin'), Buffer.alloc(5 * 64))],
    ['without index', (folder: string) => writeFileSync(path.join(folder, 'index.json'), '')],
    [
      'with an index of nonsense',
      (folder: string) => writeFileSync(path.join(folder, 'index.json'), '{"version":1,"count":"many"}'),
    ],
  ])('is built again when it is broken: %s', async (_, spoil) => {
    const cacheDir = temporaryFolder();
    const source = memorySource(pictures(5), 8);
    const first = await prepareDataset(source, squares(8), { cacheDir });
    first.close();
    spoil(cacheFolder(cacheDir, first.fingerprint));
    const second = await prepareDataset(source, squares(8), { cacheDir });
    expect(at(second, 4)).toEqual(noise(4, 64));
    second.close();
    expect(leftovers(cacheDir)).toEqual([]);
  });

  it.each(['missing', 'broken'])('survives being prepared many times at once (%s before)', async (before) => {
    const cacheDir = temporaryFolder();
    if (before === 'broken') {
      const first = await prepareDataset(memorySource(pictures(50), 8), squares(8), { cacheDir });
      first.close();
      truncateSync(path.join(cacheFolder(cacheDir, first.fingerprint), 'images.bin'), 99);
    }
    const all = await Promise.all(
      Array.from({ length: 6 }, () => prepareDataset(memorySource(pictures(50), 8), squares(8), { cacheDir })),
    );
    for (const prepared of all) {
      expect(at(prepared, 49)).toEqual(noise(49, 64));
      prepared.close();
    }
    expect(readdirSync(path.join(cacheDir, 'prepared'))).toEqual([all[0]?.fingerprint]);
  });

  it('replaces a broken cache that appears while it is being written', async () => {
    const cacheDir = temporaryFolder();
    const source = memorySource(pictures(3), 8);
    const probe = await prepareDataset(source, squares(8), { cacheDir: temporaryFolder() });
    probe.close();
    const folder = cacheFolder(cacheDir, probe.fingerprint);
    const sly = {
      ...source,
      read: (i: number) => (mkdirSync(path.join(folder, 'junk'), { recursive: true }), source.read(i)),
    };
    const prepared = await prepareDataset(sly, squares(8), { cacheDir });
    expect(at(prepared, 2)).toEqual(noise(2, 64));
    expect(existsSync(path.join(folder, 'junk'))).toBe(false);
    prepared.close();
  });

  it('is never half there after a kill, and what was left is swept', async () => {
    const cacheDir = temporaryFolder();
    mkdirSync(path.join(cacheDir, 'prepared'), { recursive: true });
    const source = memorySource(pictures(5), 8);
    const probe = await prepareDataset(source, squares(8), { cacheDir: temporaryFolder() });
    probe.close();
    // A process that had the temporary folder open and was killed: its number belongs to nobody any more.
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    const left = temporaryBeside(cacheFolder(cacheDir, probe.fingerprint)).replace(
      `-${process.pid}-`,
      `-${child.pid ?? 0}-`,
    );
    writeFile(left, 'images.bin', 'half');
    const ended = new Promise((resolve) => child.once('exit', resolve));
    const alive = await prepareDataset(source, squares(8), { cacheDir });
    alive.close();
    expect(existsSync(left)).toBe(true);
    child.kill('SIGKILL');
    await ended;
    const other = await prepareDataset(memorySource(pictures(4), 8), squares(8), { cacheDir });
    other.close();
    expect(leftovers(cacheDir)).toEqual([]);
  });

  it('leaves fresh temporaries of other machines alone', async () => {
    const cacheDir = temporaryFolder();
    const [fresh, old] = ['a.tmp-00000000-1-000000000000', 'b.tmp-00000000-1-000000000000'];
    for (const name of [fresh, old]) writeFile(path.join(cacheDir, 'prepared', name), 'images.bin', 'x');
    utimesSync(path.join(cacheDir, 'prepared', old), 0, 0);
    const prepared = await prepareDataset(memorySource(pictures(2), 8), squares(8), { cacheDir });
    prepared.close();
    expect(leftovers(cacheDir)).toEqual([fresh]);
  });

  it('says when the disk is full, before and while writing', async () => {
    const cacheDir = temporaryFolder();
    const target = path.join(cacheDir, 'prepared', 'x');
    expect(await errorOf(() => new CacheWriter(target, 1e18))).toMatch(
      /^dataset\/disk-full: The image cache needs 1,000,000,000 GB, but the disk of .* has [\d.,]+ [GM]B left\. Free some space/,
    );
    expect(leftovers(cacheDir)).toEqual([]);
    const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
    expect(writeError('/cache', full)).toMatchObject({
      code: 'dataset/disk-full',
      message:
        'The disk is full: the image cache in /cache could not be written. Free some space, or choose another cache folder.',
    });
  });

  it('says when the cache folder cannot be written', async () => {
    const cacheDir = writeFile(temporaryFolder(), 'file', 'x');
    expect(await errorOf(() => prepareDataset(memorySource(pictures(2), 8), squares(8), { cacheDir }))).toMatch(
      /^dataset\/cache-failed: .*Choose another cache folder\.$/,
    );
  });

  it('holds exactly the bytes of its images', async () => {
    const cacheDir = temporaryFolder();
    const prepared = await prepareDataset(memorySource(pictures(5), 8), squares(8), { cacheDir });
    const folder = cacheFolder(cacheDir, prepared.fingerprint);
    expect(statSync(path.join(folder, 'images.bin')).size).toBe(5 * 64);
    expect(JSON.parse(readFileSync(path.join(folder, 'index.json'), 'utf8'))).toMatchObject({
      version: 1,
      count: 5,
      imageBytes: 64,
    });
    prepared.close();
  });
});
