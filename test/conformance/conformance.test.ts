/**
 * tfjs-core's own suite against `onnx-cpu`, in a child process. A spec that is expected to fail is listed in skip-list.ts with its
 * reason; everything else must pass, and the numbers of specs are asserted so that none can go missing silently.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { skipList } from './skip-list.ts';
import { softwareVulkan } from './software-vulkan.ts';
import type { SuiteReport } from './suite.ts';

/**
 * What tfjs-core 4.22.0 defines in Node for a backend that is not called `cpu` (2 more for that one); 5 of them are marked as pending by
 * the suite itself.
 */
const definedSpecs = 4230;
const pendingSpecs = 5;
const leastPassed = 4209;
const leastConvolutions = 190;

const timeout = 300_000;
const script = fileURLToPath(new URL('run.mjs', import.meta.url));

interface RunOptions {
  /** A regular expression on the specs' full names. */
  readonly filter?: string;
  readonly env?: Readonly<Record<string, string>>;
}

async function runSuite(backend: string, { filter, env }: RunOptions = {}): Promise<SuiteReport> {
  const folder = await mkdtemp(path.join(tmpdir(), 'triangle-conformance-'));
  try {
    const file = path.join(folder, 'report.json');
    const output = await new Promise<string>((resolve) => {
      const options = { timeout, killSignal: 'SIGKILL', maxBuffer: 1 << 26, env: { ...process.env, ...env } } as const;
      const parameters = [script, '--backend', backend, '--json', file];
      if (filter !== undefined) parameters.push('--filter', filter);
      execFile(process.execPath, parameters, options, (error, stdout, stderr) => {
        // Failed specs give a non-zero exit code as well: the report alone decides, and its absence shows this text.
        resolve(`${error?.message ?? ''}\n${stdout}\n${stderr}`);
      });
    });
    const text = await readFile(file, 'utf8').catch(() => {
      throw new Error(`The suite ended without a report:\n${output.slice(-4000)}`);
    });
    return JSON.parse(text) as SuiteReport;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

describe("tfjs-core's suite on onnx-cpu", () => {
  let report: SuiteReport;

  beforeAll(async () => {
    report = await runSuite('onnx-cpu');
  }, timeout);

  it('passes every spec that is not in the skip list', () => {
    const expected = new Set(skipList.map((entry) => entry.name));
    const unexpected = report.failed
      .filter((spec) => !expected.has(spec.name))
      .map((spec) => `${spec.name}\n    ${spec.message.split('\n')[0] ?? ''}`);
    expect(unexpected, `see test/conformance/run.mjs for running one spec:\n${unexpected.join('\n')}`).toEqual([]);
  });

  it('has no stale entry in the skip list', () => {
    const failed = new Set(report.failed.map((spec) => spec.name));
    const stale = skipList.filter((entry) => entry.varies !== true && !failed.has(entry.name));
    expect(stale.map((entry) => entry.name)).toEqual([]);
  });

  it('runs every spec that the suite defines', () => {
    expect(report.total).toBe(definedSpecs);
    expect(report.pending).toBe(pendingSpecs);
    expect(report.filteredOut).toBe(0);
    expect(report.passed + report.failed.length).toBe(definedSpecs - pendingSpecs);
  });

  it(`passes at least ${leastPassed} specs`, () => {
    expect(report.passed).toBeGreaterThanOrEqual(leastPassed);
  });
});

describe("tfjs-core's suite on onnx-webgpu", () => {
  const env = softwareVulkan();

  // The provider has faults in convolutions that our kernels go around; NaN is lost in its shaders, so not all specs can pass.
  it.skipIf(env === null)(
    `passes every convolution spec${env === null ? ' (skipped: no software Vulkan driver; Debian: apt install chromium)' : ''}`,
    async () => {
      const report = await runSuite('onnx-webgpu', { filter: '^conv', env: env ?? {} });
      expect(report.failed.map((spec) => spec.name)).toEqual([]);
      expect(report.passed).toBeGreaterThanOrEqual(leastConvolutions);
    },
    timeout,
  );
});

describe('the skip list', () => {
  it('names each spec once and gives a reason for each', () => {
    expect(new Set(skipList.map((entry) => entry.name)).size).toBe(skipList.length);
    expect(skipList.filter((entry) => entry.reason.length < 20)).toEqual([]);
  });
});
