import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { JsonStore } from '../../../core/library/json-store.ts';
import { Pool } from '../../../core/library/pool.ts';
import { exists, Trash } from '../../../core/library/trash.ts';
import { transfer } from '../../../core/library/transfer.ts';
import { z } from 'zod';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(path.join(os.tmpdir(), 'triangle-trash-'));
  await mkdir(path.join(dir, 'runs/a'), { recursive: true });
  await writeFile(path.join(dir, 'runs/a/run.json'), 'contents');
});
afterEach(() => rm(dir, { recursive: true }));

const at = (...names: string[]) => path.join(dir, ...names);

describe('the trash', () => {
  it('gives back what it took', async () => {
    const trash = new Trash({ trash: at('trash') });
    const undo = await trash.discard({ kind: 'run', name: 'Run "a"', paths: [at('runs/a')], extra: ['x'] });
    expect(await exists(at('runs/a'))).toBe(false);
    expect(await trash.list()).toMatchObject([{ id: undo, kind: 'run', name: 'Run "a"' }]);
    expect(await trash.restore(undo)).toMatchObject({ kind: 'run', extra: ['x'] });
    expect(await readFile(at('runs/a/run.json'), 'utf8')).toBe('contents');
    expect(await trash.list()).toEqual([]);
    await expect(trash.restore(undo)).rejects.toMatchObject({ code: 'library/trash-gone' });
  });

  it('writes over nothing that took the old place', async () => {
    const trash = new Trash({ trash: at('trash') });
    const undo = await trash.discard({ kind: 'run', name: 'a', paths: [at('runs/a')] });
    await writeFile(at('runs/a'), 'newer');
    await expect(trash.restore(undo)).rejects.toMatchObject({ code: 'library/restore' });
    expect(await readFile(at('runs/a'), 'utf8')).toBe('newer');
    expect(await trash.list()).toHaveLength(1);
  });

  it('puts everything back when one part cannot be taken', async () => {
    const trash = new Trash({ trash: at('trash') });
    const wanted = trash.discard({ kind: 'run', name: 'both', paths: [at('runs/a'), at('runs/missing')] });
    await expect(wanted).rejects.toMatchObject({ code: 'library/delete' });
    expect(await exists(at('runs/a/run.json'))).toBe(true);
    expect(await trash.list()).toEqual([]);
  });

  it('is emptied only when asked, and knows no other names', async () => {
    const trash = new Trash({ trash: at('trash') });
    await trash.discard({ kind: 'run', name: 'a', paths: [at('runs/a')] });
    await expect(trash.restore('../../runs')).rejects.toMatchObject({ code: 'library/trash-gone' });
    expect(await trash.purge()).toBeGreaterThan(0);
    expect(await readdir(at('trash'))).toEqual([]);
  });
});

describe('transferring files', () => {
  it('numbers names that are taken, names failures, and takes a move back', async () => {
    const trash = new Trash({ trash: at('trash') });
    await writeFile(at('one.png'), '1');
    await mkdir(at('sub'));
    await writeFile(at('sub/one.png'), '2');
    const files = [
      { name: 'one.png', path: at('one.png') },
      { name: 'sub/one.png', path: at('sub/one.png') },
      { name: 'gone.png', path: at('gone.png') },
      { name: 'train/0001', path: null },
    ];
    const copied = await transfer(files, { folder: at('copies'), how: 'copy', trash });
    expect(copied).toMatchObject({ done: 2, undo: null, failed: [{ name: 'gone.png' }, { name: 'train/0001' }] });
    expect((await readdir(at('copies'))).sort()).toEqual(['one (2).png', 'one.png']);
    const moved = await transfer(files.slice(0, 2), { folder: at('moved'), how: 'move', trash });
    expect(await exists(at('one.png'))).toBe(false);
    await trash.restore(moved.undo?.undo ?? '');
    expect(await readFile(at('sub/one.png'), 'utf8')).toBe('2');
    expect(await readFile(at('one.png'), 'utf8')).toBe('1');
  });
});

describe('a list in a file', () => {
  it('puts a damaged file aside instead of losing it', async () => {
    await writeFile(at('list.json'), '{ torn');
    const store = new JsonStore(at('list.json'), z.array(z.number()), []);
    expect(await store.read()).toEqual([]);
    expect((await readdir(dir)).some((name) => name.startsWith('list.json.damaged-'))).toBe(true);
  });

  it('makes changes one after the other and sees those of others', async () => {
    const [store, other] = [0, 1].map(() => new JsonStore(at('list.json'), z.array(z.number()), [])) as [
      JsonStore<number[]>,
      JsonStore<number[]>,
    ];
    await Promise.all([1, 2, 3].map((value) => store.change((list) => [...list, value])));
    expect(await other.read()).toEqual([1, 2, 3]);
  });
});

describe('a pool', () => {
  it('shares what is open and closes what nobody uses', async () => {
    const closed: string[] = [];
    const pool = new Pool<string>(1, (value) => Promise.resolve(void closed.push(value)));
    let opened = 0;
    const open = (name: string) => () => Promise.resolve((opened++, name));
    await Promise.all([pool.use('a', open('a'), () => undefined), pool.use('a', open('a'), () => undefined)]);
    expect(opened).toBe(1);
    await pool.use('b', open('b'), () => undefined);
    expect(closed).toEqual(['a']);
    await pool.use('b', open('b'), async () => {
      await pool.drop('b');
      expect(closed).toEqual(['a']);
    });
    expect(closed).toEqual(['a', 'b']);
  });

  it('tries again after a failure to open', async () => {
    const pool = new Pool<string>(1, () => Promise.resolve());
    await expect(
      pool.use(
        'a',
        () => Promise.reject(new Error('no')),
        () => 1,
      ),
    ).rejects.toThrow('no');
    expect(
      await pool.use(
        'a',
        () => Promise.resolve('yes'),
        (value) => value,
      ),
    ).toBe('yes');
  });
});
