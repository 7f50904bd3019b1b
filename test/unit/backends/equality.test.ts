/**
 * The same training steps give the same WEIGHTS on every device: losses can look right while weights are wrong. Devices with native
 * libraries of their own run in child processes.
 */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DeviceName } from '../../../core/backends/types.ts';
import { softwareVulkan } from '../../conformance/software-vulkan.ts';
import { modelNames, runTrial } from './equality-trial.ts';
import type { Mode, ModelName, Trial } from './equality-trial.ts';

/** An update moves a weight by about 1e-3; Adam magnifies rounding where a gradient is hardly above its epsilon (1.4e-5 seen). */
const tolerance = 5e-5;

/** Captured steps use other convolution kernels of the same runtime (5e-7 seen). */
const toleranceOfCapture = 5e-6;

const root = fileURLToPath(new URL('../../../', import.meta.url));
let folder = '';
let program = '';

beforeAll(async () => {
  // Inside the repository, so that native packages are found.
  await mkdir(path.join(root, '.cache'), { recursive: true });
  folder = await mkdtemp(path.join(root, '.cache', 'equality-'));
  program = path.join(folder, 'child.mjs');
  await build({
    entryPoints: [path.join(root, 'test/unit/backends/equality-child.ts')],
    outfile: program,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    packages: 'external',
    logLevel: 'error',
  });
});

afterAll(async () => rm(folder, { recursive: true, force: true }));

async function trialInChild(
  device: DeviceName,
  mode: Mode,
  model: ModelName,
  env: Record<string, string>,
): Promise<Trial> {
  return new Promise((resolve, reject) => {
    const options = {
      env: { ...process.env, ...env },
      timeout: 50_000,
      killSignal: 'SIGKILL',
      maxBuffer: 1 << 26,
    } as const;
    execFile(process.execPath, [program, device, mode, model], options, (error, stdout, stderr) => {
      const line = /^TRIAL (.*)$/m.exec(stdout)?.[1];
      if (line === undefined) reject(new Error(`No answer (${error?.message ?? ''}): ${stderr.slice(-2000)}`));
      else resolve(JSON.parse(line) as Trial);
    });
  });
}

/** Largest absolute difference of a weight; NaN if anything is missing or not a number. */
function difference(a: Trial, b: Trial): number {
  if (a.weights.length !== b.weights.length) return Number.NaN;
  const differences = a.weights.flatMap((values, i) =>
    values.map((value, j) => Math.abs(value - (b.weights[i]?.[j] ?? Number.NaN))),
  );
  return differences.reduce((largest, value) => (value <= largest ? largest : value), 0);
}

/** Compiling shaders for a CPU takes ten seconds a step: what the other objectives' steps are made of is in these two. */
const onWebgpu: readonly ModelName[] = ['autoencoder', 'joint step'];

describe.each(modelNames)('three updates of the %s', (model) => {
  let captured: Trial;

  beforeAll(async () => {
    captured = await runTrial('onnx-cpu', 'captured', model);
  });

  it('change the weights, leave no tensors behind and need no fallback on onnx-cpu', () => {
    expect(captured.weights.flat().every(Number.isFinite)).toBe(true);
    expect(new Set(captured.weights.flat()).size).toBeGreaterThan(100);
    expect(captured.fallbacks).toEqual([]);
    expect(captured.leaked).toBe(0);
  });

  it('give the same weights without capture', async () => {
    const lazy = await runTrial('onnx-cpu', 'lazy', model);
    expect(lazy.fallbacks).toEqual([]);
    expect(lazy.leaked).toBe(0);
    expect(difference(lazy, captured)).toBeLessThan(toleranceOfCapture);
  });

  it('give the same weights on the reference backend', async () => {
    const reference = await runTrial('reference', 'captured', model);
    expect(reference.leaked).toBe(0);
    expect(difference(reference, captured)).toBeLessThan(tolerance);
  });

  const driver = softwareVulkan();
  it.skipIf(driver === null || !onWebgpu.includes(model))(
    `give the same weights on onnx-webgpu${webgpuSkip(driver, model)}`,
    async () => {
      const webgpu = await trialInChild('onnx-webgpu', 'captured', model, driver ?? {});
      expect(webgpu.fallbacks).toEqual([]);
      expect(difference(webgpu, captured)).toBeLessThan(tolerance);
    },
  );

  const native = process.env['NATIVE_TENSORFLOW'];
  it.skipIf(native === undefined)(
    `give the same weights on native TensorFlow${native === undefined ? ' (skipped: NATIVE_TENSORFLOW names no folder)' : ''}`,
    async () => {
      const tensorflow = await trialInChild('tensorflow', 'captured', model, {});
      expect(tensorflow.leaked).toBe(0);
      expect(difference(tensorflow, captured)).toBeLessThan(tolerance);
    },
  );
});

/** What a title says of a skip; empty where the test runs. */
function webgpuSkip(driver: object | null, model: ModelName): string {
  if (driver === null) return ' (skipped: no software Vulkan driver; Debian: apt install chromium)';
  return onWebgpu.includes(model) ? '' : ' (skipped: its shaders take long to compile and are in the others)';
}
