import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { libraryFolders } from '../../../core/library/folders.ts';
import { Log } from '../../../core/library/log.ts';
import type { QueueEntry, QueueEvent } from '../../../core/library/queue-entry.ts';
import { TrainingQueue } from '../../../core/library/queue.ts';
import { SettingsStore } from '../../../core/library/settings.ts';

let dir: string;
let events: QueueEvent[];
beforeEach(async () => {
  dir = await mkdtemp(path.join(os.tmpdir(), 'triangle-queue-'));
  events = [];
});
afterEach(() => rm(dir, { recursive: true }));

function entry(run: string, patch: Partial<QueueEntry>): QueueEntry {
  return {
    run,
    dir: path.join(dir, 'runs', run),
    name: run,
    dataset: 'none',
    source: path.join(dir, 'no such folder'),
    excludeFiles: [],
    preset: 'quick',
    values: {},
    like: null,
    epochs: null,
    steps: null,
    state: 'paused',
    deaths: 0,
    code: null,
    message: null,
    ...patch,
  };
}

async function queueWith(entries: QueueEntry[]): Promise<TrainingQueue> {
  await writeFile(path.join(dir, 'queue.json'), JSON.stringify(entries));
  const folders = libraryFolders(dir, path.join(dir, 'cache'));
  return new TrainingQueue(folders, {
    settings: new SettingsStore(folders),
    log: new Log(folders),
    tell: (event) => events.push(event),
  });
}

const stored = async (): Promise<QueueEntry[]> =>
  JSON.parse(await readFile(path.join(dir, 'queue.json'), 'utf8')) as QueueEntry[];
const failure = async (): Promise<void> => {
  while (!events.some((event) => event.kind === 'state' && event.status.state === 'failed'))
    await new Promise((resolve) => setTimeout(resolve, 5));
};

describe('the queue of trainings', () => {
  it('does not try for ever a run that takes the process with it', async () => {
    const queue = await queueWith([entry('deadly', { state: 'active', deaths: 2 })]);
    await queue.begin();
    const [status] = await queue.list();
    expect(status).toMatchObject({ state: 'failed', code: 'training/died' });
    expect(status?.message).toContain('smaller batch');
  });

  it('tries again what died once, and keeps a failure with its reason until it is removed', async () => {
    const queue = await queueWith([entry('once', { state: 'active' })]);
    await queue.begin();
    await failure();
    expect(await queue.list()).toMatchObject([{ state: 'failed', code: 'dataset/missing' }]);
    expect(await stored()).toMatchObject([{ state: 'failed', deaths: 1 }]);
    await queue.remove('once');
    expect(await queue.list()).toEqual([]);
  });

  it('leaves alone what a person paused, in the order that a person gave', async () => {
    const queue = await queueWith([entry('a', {}), entry('b', {}), entry('c', {})]);
    await queue.begin();
    await queue.reorder(['c', 'a']);
    expect((await queue.list()).map(({ run, state }) => `${run} ${state}`)).toEqual([
      'c paused',
      'a paused',
      'b paused',
    ]);
    await expect(queue.remove('x')).rejects.toMatchObject({ code: 'training/not-queued' });
    expect(await queue.resume('x')).toBe(false);
  });

  it('goes on with the next when one fails', async () => {
    const queue = await queueWith([entry('a', {}), entry('b', {})]);
    await queue.begin();
    await queue.resume('a');
    await queue.resume('b');
    await failure();
    while ((await queue.list()).some(({ state }) => state !== 'failed'))
      await new Promise((resolve) => setTimeout(resolve, 5));
    expect((await queue.list()).map(({ run }) => run)).toEqual(['a', 'b']);
  });

  it('survives a damaged list', async () => {
    const queue = await queueWith([]);
    await writeFile(path.join(dir, 'queue.json'), '[{"run": 1}]');
    await queue.begin();
    expect(await queue.list()).toEqual([]);
  });
});
