/**
 * Whether a GPU device may be chosen by itself: a few training steps must give the weights that `onnx-cpu` gives, and be faster. Runs
 * in a process of its own where the bundled program has one (`self-test.mjs` beside this module), since a driver may abort.
 */
import { existsSync } from 'node:fs';
import type * as tf from '@tensorflow/tfjs';
import { messageOf } from '../errors.ts';
import { runChild, selfTestProgram } from './child-task.ts';
import { openBackend } from './devices-open.ts';
import { makeAutoencoder } from './self-test-step.ts';
import type { DeviceName } from './types.ts';

export interface SelfTest {
  readonly passed: boolean;
  /** Why, as a clause: "11.2 times faster than onnx-cpu (5.6 ms a step against 63 ms), …". */
  readonly reason: string;
  /** Milliseconds a step, where the steps are right: a device may be too slow to be chosen and yet compute. Null where they are not. */
  readonly milliseconds: number | null;
  /** It was not finished in time, which a busy machine may have caused: not to be remembered. */
  readonly unfinished?: boolean;
}

/**
 * Largest difference of a variable's change, relative to that change, both as Euclidean norms. Rounding alone gives about 1e-2: it
 * decides on which side of a ReLU's kink a few activations lie, and Adam magnifies what that does to tiny gradients. A kernel that is
 * wrong gives about 1.
 */
const tolerance = 0.05;
const comparedSteps = 2;
const timedSteps = 7;
/** Less gain than this may be the machine's mood. */
const leastGain = 1.2;
const patienceMilliseconds = 1_000;
/** Nobody waits longer at a start: about 1 s is loading and onnx-cpu's part, the rest is left for the device to compile and compute. */
const childMilliseconds = 3_000;

export interface Trial {
  /** Of each variable, before the first step: the same on every device. */
  readonly initial: readonly Float32Array[];
  readonly weights: readonly Float32Array[];
  readonly milliseconds: number;
}

/** Never rejects: a failure is a test that was not passed. */
export async function selfTest(name: DeviceName, threads: number): Promise<SelfTest> {
  return existsSync(selfTestProgram) ? testInChild(name, threads) : runSelfTest(name, threads);
}

/** The test itself, in this process. */
export async function runSelfTest(name: DeviceName, threads: number): Promise<SelfTest> {
  try {
    const reference = await runTrial('onnx-cpu', threads);
    const candidate = await runTrial(name, threads);
    return judge(reference, candidate);
  } catch (error) {
    return { passed: false, reason: `its self-test failed: ${messageOf(error)}`, milliseconds: null };
  }
}

/** Compares weights and times; exported for tests. */
export function judge(reference: Trial, candidate: Trial): SelfTest {
  const difference = largestDifference(reference, candidate);
  const percent = `${(100 * difference).toPrecision(2)} %`;
  // Written so that NaN fails as well.
  if (!(difference <= tolerance)) {
    return { passed: false, reason: `its training steps differ from onnx-cpu's by ${percent}`, milliseconds: null };
  }
  const { milliseconds } = candidate;
  const ratio = reference.milliseconds / candidate.milliseconds;
  const times = `${candidate.milliseconds.toFixed(1)} ms a step against ${reference.milliseconds.toFixed(1)} ms`;
  if (!(ratio >= leastGain)) {
    const reason = `it is ${ratio < 1 ? 'slower' : 'hardly faster'} than onnx-cpu (${times})`;
    return { passed: false, reason, milliseconds };
  }
  return {
    passed: true,
    reason: `${ratio.toFixed(1)} times faster than onnx-cpu (${times}), steps equal within ${percent}`,
    milliseconds,
  };
}

async function runTrial(name: DeviceName, threads: number): Promise<Trial> {
  const device = await openBackend({ name, description: name, adapter: null, reason: 'self-test' }, threads);
  const model = makeAutoencoder({ batch: 64, size: 32, channels: 1, widths: [32, 64, 128], batchNormalisation: true });
  try {
    const initial = await valuesOf(model.weights);
    const program = device.compileStep(model);
    try {
      for (let step = 0; step < comparedSteps; step++) await program.run(model.feedsOf(step));
      const weights = await valuesOf(model.weights);
      const feeds = model.feedsOf(comparedSteps);
      const times: number[] = [];
      // A slow device has lost after one step.
      for (let spent = 0; times.length < timedSteps && spent < patienceMilliseconds; spent += times.at(-1) ?? 0) {
        const start = performance.now();
        await program.run(feeds);
        times.push(performance.now() - start);
      }
      return { initial, weights, milliseconds: times.sort((a, b) => a - b)[times.length >> 1] ?? 0 };
    } finally {
      program.dispose();
    }
  } finally {
    model.dispose();
  }
}

async function valuesOf(variables: readonly tf.Variable[]): Promise<Float32Array[]> {
  return Promise.all(variables.map(async (variable) => Float32Array.from(await variable.data())));
}

/** The worst variable's; NaN where a value is NaN or missing on either side. */
function largestDifference(reference: Trial, candidate: Trial): number {
  const differences = reference.weights.map((values, index) => {
    const [before, others] = [reference.initial[index], candidate.weights[index]];
    let change = 0;
    let difference = 0;
    values.forEach((value, position) => {
      change += (value - (before?.[position] ?? Number.NaN)) ** 2;
      difference += (value - (others?.[position] ?? Number.NaN)) ** 2;
    });
    return Math.sqrt(difference / change);
  });
  return differences.some(Number.isNaN) ? Number.NaN : Math.max(...differences);
}

async function testInChild(name: DeviceName, threads: number): Promise<SelfTest> {
  const { stdout, timedOut, how } = await runChild({
    kind: 'self-test',
    words: [name, String(threads)],
    environment: {},
    timeoutMilliseconds: childMilliseconds,
  });
  const line = /^SELF-TEST (.*)$/m.exec(stdout)?.[1];
  if (line !== undefined) return JSON.parse(line) as SelfTest;
  const none = { passed: false, milliseconds: null };
  if (timedOut)
    return { ...none, unfinished: true, reason: `its self-test took longer than ${childMilliseconds / 1000} s` };
  return { ...none, reason: `its self-test ended the process (${how})` };
}
