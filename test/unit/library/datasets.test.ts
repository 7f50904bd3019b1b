import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openSource, withoutItems } from '../../../core/datasets/index.ts';
import { explainDataset } from '../../../core/library/dataset-words.ts';
import { withoutNames } from '../../../core/library/diagnostics.ts';
import { openLibrary, type Library } from '../../../core/library/library.ts';

let dir: string;
let library: Library;
let data: string;

beforeAll(async () => {
  dir = await mkdtemp(path.join(os.tmpdir(), 'triangle-shelf-'));
  data = path.join(dir, 'parts');
  await mkdir(path.join(data, 'OK'), { recursive: true });
  await mkdir(path.join(data, 'NG'));
  for (let i = 0; i < 6; i++) {
    const pixels = new Uint8Array(12 * 12).fill(10 * i);
    await sharp(pixels, { raw: { width: 12, height: 12, channels: 1 } })
      .png()
      .toFile(path.join(data, i < 4 ? 'OK' : 'NG', `p${i}.png`));
  }
  await sharp(new Uint8Array(12 * 12), { raw: { width: 12, height: 12, channels: 1 } })
    .png()
    .toFile(path.join(data, 'OK/twin.png'));
  await writeFile(path.join(data, 'OK/broken.png'), 'no picture');
  library = await openLibrary({ dir: path.join(dir, 'library'), cacheDir: path.join(dir, 'cache') });
});

afterAll(async () => {
  await library.close();
  await rm(dir, { recursive: true });
});

describe('the shelf of datasets', () => {
  it('shows built-in sets with thumbnails before anything was opened', async () => {
    const cards = await library.datasets.list();
    expect(cards.map(({ source }) => source)).toEqual(['builtin:digits', 'builtin:tiles']);
    expect(cards.every(({ thumbnails }) => thumbnails.length === 4)).toBe(true);
  });

  it('recognises, remembers, checks, and leaves files out without touching them', async () => {
    const { card, labels, problems } = await library.datasets.open(data);
    expect(card).toMatchObject({ name: 'parts', pictures: 8, missing: false, excluded: 0 });
    expect(labels.map(({ label, anomalous }) => [label, anomalous])).toEqual([
      ['NG', true],
      ['OK', false],
    ]);
    expect(problems).toBeNull();
    // NG/p4, NG/p5, then OK/broken.png, in whose place the next one that can be read stands, and OK/p2.
    expect(card.thumbnails.map((image) => Number(image.split('/').at(-1)))).toEqual([0, 3, 4, 6]);
    await library.datasets.check(card.id, {});
    const found = await library.datasets.problems(card.id, { offset: 0, limit: 10 });
    expect(found).toMatchObject({ checked: true, total: 2, counts: { unreadable: 1, duplicate: 1 } });
    const twin = found.rows.find(({ kind }) => kind === 'duplicate');
    expect(twin).toMatchObject({ name: 'OK/twin.png', duplicateOf: { name: 'OK/p0.png' } });
    expect(await library.datasets.excludeProblems(card.id, ['duplicate', 'unreadable'])).toMatchObject({ excluded: 2 });
    expect(
      (await library.datasets.items(card.id, { offset: 0, limit: 10, only: 'excluded' })).rows
        .map(({ name }) => name)
        .sort(),
    ).toEqual(['OK/broken.png', 'OK/twin.png']);
    expect(await library.datasets.exclude(card.id, ['OK/broken.png'], false)).toBe(1);
    expect((await library.datasets.list()).at(-1)).toMatchObject({ id: card.id, excluded: 1 });
  });

  it('pages by label and name', async () => {
    const { card } = await library.datasets.open(data);
    const page = await library.datasets.items(card.id, { offset: 1, limit: 1, label: 'NG' });
    expect(page).toMatchObject({ total: 2, rows: [{ name: 'NG/p5.png', anomalous: true }] });
    expect((await library.datasets.items(card.id, { offset: 0, limit: 9, search: 'TWIN' })).total).toBe(1);
    const { bytes } = await library.datasets.picture(card.id, page.rows[0]?.index ?? -1, 'picture', 32);
    expect((await sharp(bytes).metadata()).width).toBe(12);
    await expect(library.datasets.picture(card.id, 999, 'picture')).rejects.toMatchObject({
      code: 'library/no-picture',
    });
    await expect(library.datasets.inspect('unknown')).rejects.toMatchObject({ code: 'library/unknown-dataset' });
  });

  it('forgets only the entry', async () => {
    const { card } = await library.datasets.open(data);
    await library.datasets.forget(card.id);
    expect(await library.datasets.list()).toHaveLength(2);
    expect((await library.datasets.open(data)).card.pictures).toBe(8);
  });
});

describe('a dataset without some files', () => {
  it('reads the others under new numbers and has another fingerprint', async () => {
    const source = await openSource(data);
    const without = withoutItems(source, ['OK/broken.png', 'NG/p4.png']);
    expect(without.items).toHaveLength(6);
    expect(without.fingerprint).not.toBe(source.fingerprint);
    for (const [index, { name }] of without.items.entries()) expect(without.pathOf(index)).toBe(path.join(data, name));
    const last = without.items.findIndex(({ name }) => name === 'NG/p5.png');
    expect((await without.read(last)).pixels[0]).toBe(50);
    expect(withoutItems(source, ['not there'])).toBe(source);
    expect(() =>
      withoutItems(
        source,
        source.items.map(({ name }) => name),
      ),
    ).toThrow('left out');
  });
});

describe('words', () => {
  const item = { name: 'a', label: null, split: null, anomalous: null, hasMask: false };
  it('say what will be learnt', () => {
    expect(explainDataset(Array.from({ length: 60 }, () => item))).toMatch(/^All 60 pictures are taken as normal/);
    expect(explainDataset([{ ...item, anomalous: true }])).toMatch(/no picture here that counts as normal/);
    expect(
      explainDataset([
        { ...item, anomalous: false },
        { ...item, anomalous: true },
      ]),
    ).toMatch(/^1 picture is normal.*1 is anomalous.*That is few/);
  });

  it('in reports name no files and no people', () => {
    const user = os.userInfo().username;
    const text = withoutNames(
      `Could not read /home/${user}/secret/plan b.png: EACCES, C:\\Users\\Eve\\x.png "customer" eve@example.com`,
    );
    expect(withoutNames('Bad image OK/my photo.png and photo2.jpg')).not.toMatch(/photo2|\.png/);
    for (const secret of ['secret', 'plan', 'b.png', 'Eve', 'customer', 'eve@']) expect(text).not.toContain(secret);
    expect(text).toContain('EACCES');
  });
});
