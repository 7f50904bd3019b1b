/** A self-test that is not finished in time: refused with a reason, and tried again at the next start. */
import { readdir } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ChildTask } from '../../../core/backends/child-task.ts';
import type { DeviceReport } from '../../../core/backends/devices.ts';
import { removeCache, stubCache } from './own-cache.ts';

const tasks: ChildTask[] = [];
let answer = { stdout: '', stderr: '', timedOut: true, how: 'SIGKILL' };

// The sources have no bundled program beside them, so there the test would run in this process.
vi.mock('node:fs', async (importOriginal) => ({
  ...(await importOriginal<object>()),
  existsSync: () => true,
}));
vi.mock('../../../core/backends/child-task.ts', async (importOriginal) => ({
  ...(await importOriginal<object>()),
  runChild: (task: ChildTask) => {
    tasks.push(task);
    return Promise.resolve(answer);
  },
}));

const { recalledSelfTest } = await import('../../../core/backends/self-test-record.ts');

const report: DeviceReport = {
  name: 'onnx-webgpu',
  available: true,
  adapter: 'A GPU',
  software: false,
  gpu: true,
  description: 'A GPU',
  why: null,
  missing: [],
  remedy: null,
};

let cache: string;
beforeEach(async () => {
  tasks.length = 0;
  cache = await stubCache();
});
afterEach(() => removeCache(cache));

describe('the self-test of a device', () => {
  it('is given three seconds, and running out of them is not remembered', async () => {
    answer = { stdout: '', stderr: '', timedOut: true, how: 'SIGKILL' };
    const result = await recalledSelfTest(report, 2);
    expect(result.passed).toBe(false);
    expect(result.reason).toContain('longer than 3 s');
    expect(tasks.map(({ timeoutMilliseconds }) => timeoutMilliseconds)).toEqual([3000]);
    expect(await readdir(cache)).toEqual([]);
    await recalledSelfTest(report, 2);
    expect(tasks).toHaveLength(2);
  });

  it('is remembered when it was finished', async () => {
    answer = {
      stdout: 'SELF-TEST {"passed":true,"reason":"fast","milliseconds":5}\n',
      stderr: '',
      timedOut: false,
      how: 'exit code 0',
    };
    expect(await recalledSelfTest(report, 2)).toEqual({ passed: true, reason: 'fast', milliseconds: 5 });
    expect(await recalledSelfTest(report, 2)).toEqual({ passed: true, reason: 'fast', milliseconds: 5 });
    expect(tasks).toHaveLength(1);
  });
});
