import type * as promises from 'node:fs/promises';
import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { removeTemporaries, writeFileAtomic } from '../../../core/runs/atomic.ts';
import { temporaryFolder } from './example.ts';

/** When set, the next `sync` of a written file fails with this system code. */
const failure = vi.hoisted(() => ({ code: '' }));

vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof promises>();
  const open: typeof promises.open = async (...args) => {
    const handle = await real.open(...args);
    if (failure.code !== '') {
      handle.sync = () => Promise.reject(Object.assign(new Error('no room'), { code: failure.code }));
    }
    return handle;
  };
  return { ...real, open };
});

afterEach(() => {
  failure.code = '';
});

describe('writeFileAtomic', () => {
  it('replaces a file and leaves nothing else behind', async () => {
    const folder = await temporaryFolder();
    const file = path.join(folder, 'a.json');
    await writeFileAtomic(file, 'old');
    await writeFileAtomic(file, Uint8Array.from([0x6e, 0x65, 0x77]));
    expect(await readFile(file, 'utf8')).toBe('new');
    expect(await readdir(folder)).toEqual(['a.json']);
  });

  it('keeps the old file and removes the temporary one when the disk is full, naming path and bytes', async () => {
    const folder = await temporaryFolder();
    const file = path.join(folder, 'a.json');
    await writeFileAtomic(file, 'old');
    failure.code = 'ENOSPC';
    const attempt = writeFileAtomic(file, 'äbc');
    await expect(attempt).rejects.toMatchObject({ code: 'runs/disk-full' });
    await expect(attempt).rejects.toThrow(`${file} needs 4 bytes`);
    expect(await readFile(file, 'utf8')).toBe('old');
    expect(await readdir(folder)).toEqual(['a.json']);
  });

  it('says when a folder may not be written, and when a write fails otherwise', async () => {
    const folder = await temporaryFolder();
    failure.code = 'EACCES';
    await expect(writeFileAtomic(path.join(folder, 'a'), '')).rejects.toMatchObject({ code: 'runs/not-writable' });
    failure.code = '';
    await expect(writeFileAtomic(path.join(folder, 'missing', 'a'), '')).rejects.toMatchObject({ code: 'runs/write' });
  });
});

describe('removeTemporaries', () => {
  it('removes only what interrupted writes left', async () => {
    const folder = await temporaryFolder();
    for (const name of ['.run.json.1-0.tmp', 'notes.tmp', '.hidden']) await writeFile(path.join(folder, name), '');
    await mkdir(path.join(folder, 'checkpoints'));
    await removeTemporaries(folder);
    expect((await readdir(folder)).sort()).toEqual(['.hidden', 'checkpoints', 'notes.tmp']);
    await removeTemporaries(path.join(folder, 'missing'));
  });
});
