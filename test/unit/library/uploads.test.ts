import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { libraryFolders } from '../../../core/library/folders.ts';
import { openLibrary, type Library } from '../../../core/library/library.ts';
import { cleanUploads, collectPictures, splitLoose } from '../../../core/library/uploads.ts';
import { noisePicture } from '../datasets/helpers.ts';

let dir: string;
let library: Library;

async function picture(file: string, seed: number): Promise<string> {
  await mkdir(path.dirname(file), { recursive: true });
  await noisePicture(seed).png().toFile(file);
  return file;
}

beforeAll(async () => {
  dir = await mkdtemp(path.join(os.tmpdir(), 'triangle-uploads-'));
  library = await openLibrary({ dir: path.join(dir, 'library'), cacheDir: path.join(dir, 'cache') });
});
afterAll(async () => {
  await library.close();
  await rm(dir, { recursive: true });
});

describe('loose pictures', () => {
  it('are told from folders and other files', async () => {
    const loose = await picture(path.join(dir, 'some/a.png'), 1);
    const named = path.join(dir, 'folder.png');
    await mkdir(named, { recursive: true });
    const other = path.join(dir, 'train.mat');
    expect(await splitLoose([loose, named, other])).toEqual({ pictures: [loose], others: [named, other] });
  });

  it('become a folder of copies that opens as a dataset; namesakes stay apart', async () => {
    const files = [
      await picture(path.join(dir, 'some/a.png'), 1),
      await picture(path.join(dir, 'some/b.png'), 2),
      await picture(path.join(dir, 'more/A.png'), 3),
    ];
    const folder = await collectPictures(library.folders, [...files, files[0] ?? '']);
    expect(path.basename(folder)).toBe('3-pictures');
    expect((await readdir(folder)).sort()).toEqual(['A-2.png', 'a.png', 'b.png']);
    const { card } = await library.datasets.open(folder);
    expect(card.pictures).toBe(3);
    // Where they came from they still are.
    expect((await readdir(path.join(dir, 'some'))).sort()).toEqual(['a.png', 'b.png']);
    await library.datasets.forget(card.id);
    expect(path.basename(await collectPictures(library.folders, files.slice(0, 2)))).toBe('some-2-pictures');
  });

  it('need company, and leave nothing half-made behind', async () => {
    const only = await picture(path.join(dir, 'some/a.png'), 1);
    await expect(collectPictures(library.folders, [only])).rejects.toMatchObject({ code: 'dataset/single-file' });
    const before = await readdir(library.folders.uploads);
    await expect(collectPictures(library.folders, [only, path.join(dir, 'gone.png')])).rejects.toThrow('ENOENT');
    expect(await readdir(library.folders.uploads)).toEqual(before);
  });
});

describe('copies of dropped files', () => {
  it('stay while a dataset, a run, scores or the trash speaks of them, and while they are young', async () => {
    const folders = libraryFolders(path.join(dir, 'other'), path.join(dir, 'cache'));
    const batches = ['in-dataset', 'in-queue', 'in-session', 'in-run', 'in-trash', 'in-nothing', 'young'];
    for (const name of batches) {
      await mkdir(path.join(folders.uploads, name), { recursive: true });
      await writeFile(path.join(folders.uploads, name, 'a.png'), 'xyz');
      const old = Date.now() / 1000 - 7200;
      if (name !== 'young') await utimes(path.join(folders.uploads, name), old, old);
    }
    const write = async (file: string, batch: string) => {
      const full = path.join(folders.library, file);
      await mkdir(path.dirname(full), { recursive: true });
      await writeFile(full, JSON.stringify({ source: path.join(folders.uploads, batch, 'a.png') }));
    };
    await write('datasets.json', 'in-dataset');
    await write('queue.json', 'in-queue');
    await write('sessions/0123456789abcdef/session.json', 'in-session');
    await write('runs/one/run.json', 'in-run');
    await write('trash/0123456789abcdef/content/0-x/session.json', 'in-trash');
    const runs = [path.join(folders.runs, 'one')];
    expect(await cleanUploads(folders, runs)).toBe(3);
    expect((await readdir(folders.uploads)).sort()).toEqual(batches.filter((name) => name !== 'in-nothing').sort());
    await rm(folders.trash, { recursive: true });
    expect(await cleanUploads(folders, runs, 0)).toBe(6);
    expect((await readdir(folders.uploads)).sort()).toEqual(['in-dataset', 'in-queue', 'in-run', 'in-session']);
  });
});
