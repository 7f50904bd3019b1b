import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { csvField, csvRow, openCsv } from '../../../core/scoring/csv.ts';

describe('csvField', () => {
  it.each([
    ['plain.png', 'plain.png'],
    ['a,b.png', '"a,b.png"'],
    ['say "hi".png', '"say ""hi"".png"'],
    ['line\nbreak', '"line\nbreak"'],
    [0.1, '0.1'],
    [1e-7, '1e-7'],
    [Number.NaN, ''],
    [null, ''],
  ])('writes %j as %j', (value, text) => {
    expect(csvField(value)).toBe(text);
  });

  it('ends rows as RFC 4180 says', () => {
    expect(csvRow(['a', 1, null])).toBe('a,1,\r\n');
  });
});

describe('openCsv', () => {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'csv-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('shows the file only when it is whole', async () => {
    const file = path.join(folder, 'new', 'scores.csv');
    const csv = await openCsv(file, ['image_path', 'pred_score']);
    for (let i = 0; i < 5000; i++) await csv.row([`${i}.png`, i / 3]);
    expect(await readdir(path.dirname(file))).not.toContain('scores.csv');
    await csv.finish();
    const lines = (await readFile(file, 'utf8')).split('\r\n');
    expect(lines).toHaveLength(5002);
    expect(Number(lines[5000]?.split(',')[1])).toBe(4999 / 3);
    expect(await readdir(path.dirname(file))).toEqual(['scores.csv']);
  });

  it('leaves nothing behind when abandoned', async () => {
    const csv = await openCsv(path.join(folder, 'scores.csv'), ['a']);
    await csv.row([1]);
    await csv.abandon();
    expect(await readdir(folder)).toEqual([]);
  });

  it('says what went wrong when the file cannot be written', async () => {
    const csv = openCsv(path.join(folder, 'x'.repeat(300), 'scores.csv'), ['a']);
    await expect(csv).rejects.toMatchObject({ code: 'scoring/write' });
  });
});
