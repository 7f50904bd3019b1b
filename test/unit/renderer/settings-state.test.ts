/** Page 6's state and its sums against a client that a test controls. */
import { describe, expect, it } from 'vitest';
import {
  largestFirst,
  limitAt,
  limitPosition,
  limitPositions,
  totals,
} from '../../../renderer/pages/settings/storage.ts';
import { versionRows } from '../../../renderer/pages/settings/versions.ts';
import { parseThreads } from '../../../renderer/pages/settings/threads.ts';
import { SettingsState } from '../../../renderer/state/settings.svelte.ts';
import type { Storage } from '../../../ipc/contract.ts';
import { fakeClient, settle } from './fake-client.ts';

const parts = { checkpoints: 1, samples: 1, scores: 0, gallery: 0, other: 0 };
const storage: Storage = {
  runs: [
    { run: 'a', name: 'a', bytes: 10, parts },
    { run: 'b', name: 'b', bytes: 30, parts },
  ],
  sessionBytes: 5,
  uploadBytes: 2,
  cacheBytes: 7,
  trashBytes: 3,
  freeBytes: null,
};

describe('storage', () => {
  it('adds up, and lists the largest run first', () => {
    expect(totals(storage)).toEqual({ runs: 40, sessions: 5, uploads: 2, cache: 7, trash: 3, all: 57 });
    expect(largestFirst(storage).map(({ run }) => run)).toEqual(['b', 'a']);
  });
});

describe('the limit of the cache', () => {
  it('goes from nothing by doubling, and finds its place again', () => {
    expect(limitAt(0)).toBe(0);
    expect(limitAt(3)).toBe(1e9);
    for (let at = 0; at <= limitPositions; at++) expect(limitPosition(limitAt(at))).toBe(at);
  });

  it('takes the nearest place for a limit that was set elsewhere', () => {
    expect(limitPosition(20e9)).toBe(limitPosition(16e9));
    expect(limitPosition(1)).toBe(1);
    expect(limitPosition(9e15)).toBe(limitPositions);
  });
});

describe('typed threads', () => {
  it('are a whole number, or nothing for all', () => {
    expect(parseThreads(' 4 ')).toEqual({ value: 4, error: null });
    expect(parseThreads('')).toEqual({ value: null, error: null });
    for (const bad of ['0', '1.5', 'x', '2000']) expect(parseThreads(bad).error).toContain('whole number');
  });
});

describe('versions', () => {
  it('have names that people know, and leave out what is shown above them', () => {
    expect(versionRows({ triangle: '1', platform: 'linux x64', node: '20', sharp: '3' })).toEqual([
      ['Node.js', '20'],
      ['sharp', '3'],
    ]);
  });
});

function opened() {
  const client = fakeClient({
    'settings.storage': () => storage,
    'trash.list': () => [],
    'settings.selfTest': () => ({ job: 'job-1' }),
    'settings.cleanUp': () => ({ freedBytes: 7 }),
    'jobs.cancel': () => ({}),
  });
  const state = new SettingsState(client);
  state.open();
  return { client, state };
}

const end = { kind: 'self-test', subject: '' } as const;

describe('the self-test', () => {
  it('shows progress and the result of each device, then ends', async () => {
    const { client, state } = opened();
    await state.selfTest();
    const progress = { done: 1, total: 2, secondsLeft: 3 };
    client.tell('job.progress', { job: 'job-1', ...end, stage: 'onnx-cpu', progress });
    client.tell('job.progress', { job: 'other', ...end, stage: 'else', progress });
    expect(state.testing).toEqual({ job: 'job-1', stage: 'onnx-cpu', progress });
    client.tell('settings.selfTest', { device: 'onnx-cpu', passed: true, stepsPerSecond: 9, detail: 'fine' });
    client.tell('job.finished', { job: 'job-1', ...end, message: '', files: [] });
    expect(state.testing).toBeNull();
    expect(state.tests.get('onnx-cpu')?.passed).toBe(true);
    expect(state.testError).toBeNull();
  });

  it('keeps a failure, but not a cancelling', async () => {
    const { client, state } = opened();
    await state.selfTest('cpu');
    expect(client.of('settings.selfTest')).toEqual([{ device: 'cpu' }]);
    client.tell('job.failed', { job: 'job-1', ...end, code: 'cancelled', message: 'Cancelled.' });
    expect(state.testError).toBeNull();
    await state.selfTest();
    client.tell('job.failed', { job: 'job-1', ...end, code: 'device/gone', message: 'Gone.' });
    expect(state.testError).toMatchObject({ message: 'Gone.' });
  });

  it('is not left running when its end comes before the answer', async () => {
    const { client, state } = opened();
    client.answers['settings.selfTest'] = () => {
      client.tell('job.failed', { job: 'job-1', ...end, code: 'device/none', message: 'None.' });
      return { job: 'job-1' };
    };
    await state.selfTest();
    expect(state.testing).toBeNull();
    expect(state.testError).toMatchObject({ message: 'None.' });
  });
});

describe('clean-up', () => {
  it('says what was freed and asks for the sizes again', async () => {
    const { client, state } = opened();
    await expect(state.cleanUp({ what: 'cache' })).resolves.toBe(7);
    expect(client.of('settings.storage')).toHaveLength(1);
    expect(state.storage.value).toEqual(storage);
  });

  it('follows changes from elsewhere once it is shown, not before', async () => {
    const { client, state } = opened();
    client.tell('library.changed', { what: 'storage' });
    expect(client.of('settings.storage')).toEqual([]);
    await state.storage.load();
    client.tell('library.changed', { what: 'runs' });
    await settle();
    expect(client.of('settings.storage')).toHaveLength(2);
    state.close();
    client.tell('library.changed', { what: 'runs' });
    expect(client.of('settings.storage')).toHaveLength(2);
  });

  it('keeps what failed with its part only', async () => {
    const { state } = opened();
    await Promise.all([state.storage.load(), state.devices.load()]);
    expect(state.storage.error).toBeNull();
    expect(state.devices.error).toBeInstanceOf(Error);
    expect(state.devices.loading).toBe(false);
  });
});
