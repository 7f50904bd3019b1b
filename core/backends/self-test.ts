/**
 * Whether a GPU device may be chosen by itself: a few training steps must give the weights that `onnx-cpu` gives, and be faster. Runs
 * in a process of its own where the bundled program has one (`self-test.mjs` beside this module), since a driver may abort.
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { messageOf } from '../errors.ts';
import { openBackend } from './devices-open.ts';
import { makeAutoencoder } from './self-test-step.ts';
import type { DeviceName } from './types.ts';

export interface SelfTest {
  readonly passed: boolean;
  /** Why, as a clause: "11.2 times faster than onnx-cpu (5.6 ms a step), weights equal within 3e-7". */
  readonly reason: string;
}

/** Largest difference of a weight; one update moves a weight by about 1e-3. */
const tolerance = 1e-4;
const comparedSteps = 2;
const timedSteps = 7;
const childMilliseconds = 180_000;

interface Trial {
  readonly weights: readonly Float32Array[];
  readonly milliseconds: number;
}

/** Never rejects: a failure is a test that was not passed. */
export async function selfTest(name: DeviceName, threads: number): Promise<SelfTest> {
  const program = fileURLToPath(new URL('self-test.mjs', import.meta.url));
  return existsSync(program) ? testInChild(program, name, threads) : runSelfTest(name, threads);
}

/** The test itself, in this process. */
export async function runSelfTest(name: DeviceName, threads: number): Promise<SelfTest> {
  try {
    const reference = await runTrial('onnx-cpu', threads);
    const candidate = await runTrial(name, threads);
    return judge(reference, candidate);
  } catch (error) {
    return { passed: false, reason: `its self-test failed: ${messageOf(error)}` };
  }
}

/** Compares weights and times; exported for tests. */
export function judge(reference: Trial, candidate: Trial): SelfTest {
  const difference = largestDifference(reference.weights, candidate.weights);
  // Written so that NaN fails as well.
  if (!(difference <= tolerance)) {
    return { passed: false, reason: `its weights differ from onnx-cpu's by ${difference.toExponential(1)}` };
  }
  const ratio = reference.milliseconds / candidate.milliseconds;
  const times = `${candidate.milliseconds.toFixed(1)} ms a step against ${reference.milliseconds.toFixed(1)} ms`;
  if (ratio <= 1) return { passed: false, reason: `it is slower than onnx-cpu (${times})` };
  const equal = `weights equal within ${difference.toExponential(1)}`;
  return { passed: true, reason: `${ratio.toFixed(1)} times faster than onnx-cpu (${times}), ${equal}` };
}

async function runTrial(name: DeviceName, threads: number): Promise<Trial> {
  const device = await openBackend({ name, description: name, adapter: null, reason: 'self-test' }, threads);
  const model = makeAutoencoder({ batch: 64, size: 32, channels: 1, widths: [32, 64, 128], batchNormalisation: true });
  try {
    const program = device.compileStep(model);
    try {
      for (let step = 0; step < comparedSteps; step++) await program.run(model.feedsOf(step));
      const weights = await Promise.all(model.weights.map(async (weight) => Float32Array.from(await weight.data())));
      const feeds = model.feedsOf(comparedSteps);
      const times: number[] = [];
      for (let step = 0; step < timedSteps; step++) {
        const start = performance.now();
        await program.run(feeds);
        times.push(performance.now() - start);
      }
      return { weights, milliseconds: times.sort((a, b) => a - b)[timedSteps >> 1] ?? 0 };
    } finally {
      program.dispose();
    }
  } finally {
    model.dispose();
  }
}

/** NaN where a value is NaN or missing on either side. */
function largestDifference(a: readonly Float32Array[], b: readonly Float32Array[]): number {
  let largest = 0;
  for (const [index, values] of a.entries()) {
    for (const [position, value] of values.entries()) {
      const difference = Math.abs(value - (b[index]?.[position] ?? Number.NaN));
      if (Number.isNaN(difference)) return Number.NaN;
      largest = Math.max(largest, difference);
    }
  }
  return largest;
}

async function testInChild(program: string, name: DeviceName, threads: number): Promise<SelfTest> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [program, name, String(threads)],
      {
        timeout: childMilliseconds,
        killSignal: 'SIGKILL',
        windowsHide: true,
        env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' },
      },
      (error, stdout) => {
        const line = /^SELF-TEST (.*)$/m.exec(stdout)?.[1];
        if (line !== undefined) resolve(JSON.parse(line) as SelfTest);
        else if (error?.killed === true)
          resolve({ passed: false, reason: `its self-test took longer than ${childMilliseconds / 1000} s` });
        else resolve({ passed: false, reason: `its self-test ended the process (${error?.signal ?? 'no answer'})` });
      },
    );
  });
}
