import fs from 'node:fs';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { PromptReader } from '../../../core/datasets/prompt-reader.ts';

const tooLarge = (bytes: number): Error => new Error(`${bytes} bytes are too many`);

describe('PromptReader', () => {
  let folder = '';
  let file = '';
  beforeAll(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'prompt-'));
    file = path.join(folder, 'a');
    writeFileSync(file, 'contents');
  });
  afterEach(() => vi.restoreAllMocks());
  afterAll(() => rmSync(folder, { recursive: true }));

  it('reads whole files, and rejects as the file system and the limit say', async () => {
    const { read } = new PromptReader();
    expect((await read(file, 100, tooLarge)).toString()).toBe('contents');
    await expect(read(file, 7, tooLarge)).rejects.toThrow('8 bytes are too many');
    await expect(read(path.join(folder, 'b'), 100, tooLarge)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('leaves files to other threads for a while where a disk makes us wait', async () => {
    const { read } = new PromptReader();
    const open = vi.spyOn(fs, 'openSync');
    // Each look at the clock is 10 ms after the one before.
    let now = 0;
    const clock = vi.spyOn(performance, 'now').mockImplementation(() => (now += 10));
    const results = [];
    for (let i = 0; i < 300; i++) results.push((await read(file, 100, tooLarge)).toString());
    expect(new Set(results)).toEqual(new Set(['contents']));
    // The first one was slow, 256 were left to others, and then it was tried again.
    expect(open).toHaveBeenCalledTimes(2);
    clock.mockRestore();
  });
});
