/**
 * One side of a comparison, in a process of its own so that its threads are its own; started by step-process.ts with an IPC channel
 * and its settings as JSON. The first answer is {ready}; then each {steps} is answered with the time of every step, each {weights} with
 * what training has made of the networks, or with what it started from.
 */
import * as tf from '@tensorflow/tfjs';
import { openBackend } from '../core/backends/devices-open.ts';
import { compileStep, registerOnnxBackend } from '../core/backends/onnx/index.ts';
import type { Device, DeviceName, Feeds, StepProgram } from '../core/backends/types.ts';
import { messageOf } from '../core/errors.ts';
import { countOperations } from './step-operations.ts';
import { productMeter } from './step-product.ts';
import { watchSessions } from './step-profile.ts';
import type { OperatorTime } from './step-profile.ts';
import { makePresetTask, makeTask } from './step-tasks.ts';
import type { TaskName, TaskSize } from './step-tasks.ts';

export interface WorkerSettings extends TaskSize {
  readonly device: string;
  readonly task: TaskName;
  readonly threads: number;
  /** Steps before {ready}, at least one; they change the weights like any other. */
  readonly warmUp: number;
  /** The joint step at the sizes of this preset instead. */
  readonly preset?: string;
  /** On onnx-cpu: steps are computed as they were recorded, with the standard operators. */
  readonly standard?: boolean;
  /** Keeps ONNX Runtime's profile, for {operators}; costs time. */
  readonly profile?: boolean;
  /** Relative change of every other input value, to see what rounding alone does. */
  readonly disturbance?: number;
}

export type WorkerQuestion =
  | { readonly steps: number }
  /** As they are, or as they were before the first step. */
  | { readonly weights: 'now' | 'initial' }
  /** The rate of a matrix product on onnx-cpu's threads. */
  | { readonly product: true }
  /** The profile of all steps so far; the last question. */
  | { readonly operators: true };

export interface WorkerReady {
  readonly ready: true;
  /** Convolutions and matrix products of one step. */
  readonly operations: number;
  /** Of the first step, compiling included. */
  readonly firstMilliseconds: number;
}

export type WorkerAnswer =
  | WorkerReady
  /** `outside`: the part of each step that was not spent in native runs; as long as the step where the device has none. */
  | { readonly milliseconds: readonly number[]; readonly outside: readonly number[] }
  | { readonly gigaflopsPerSecond: number }
  | { readonly operatorTimes: readonly OperatorTime[] }
  | { readonly weights: Readonly<Record<string, Float32Array>> }
  | { readonly error: string };

async function main(): Promise<void> {
  const settings = JSON.parse(process.argv[2] ?? '{}') as WorkerSettings;
  const watch = watchSessions(settings.profile === true);
  const opened = await open(settings);
  const task = settings.preset === undefined ? makeTask(settings.task, settings) : makePresetTask(settings.preset);
  const feedsOf = (update: number): Feeds => disturbed(task.feedsOf(update), settings.disturbance ?? 0);
  const weightsNow = async (): Promise<Record<string, Float32Array>> => {
    const weights: Record<string, Float32Array> = {};
    for (const [name, weight] of task.weights) weights[name] = Float32Array.from(await weight.data());
    return weights;
  };
  const initial = await weightsNow();
  let update = 1;
  let feeds = feedsOf(update);
  const start = performance.now();
  let program: StepProgram | undefined;
  // Eager devices call the step when it runs, the others trace it when it is compiled.
  const operations = await countOperations(async () => {
    program = opened.compileStep(task.request);
    await program.run(feeds);
  });
  const firstMilliseconds = performance.now() - start;

  const run = async (steps: number): Promise<{ milliseconds: number[]; outside: number[] }> => {
    const times: number[] = [];
    const outside: number[] = [];
    for (let step = 0; step < steps; step++) {
      feeds = feedsOf(++update);
      const nativeBefore = watch.native();
      const before = performance.now();
      await program?.run(feeds);
      const time = performance.now() - before;
      times.push(time);
      outside.push(time - (watch.native() - nativeBefore));
    }
    return { milliseconds: times, outside };
  };
  let meter: (() => number) | undefined;
  const reply = async (question: WorkerQuestion): Promise<WorkerAnswer> => {
    if ('steps' in question) return run(question.steps);
    if ('product' in question) return { gigaflopsPerSecond: (meter ??= productMeter(settings.threads))() };
    if ('operators' in question) return { operatorTimes: watch.operators() };
    return { weights: question.weights === 'initial' ? initial : await weightsNow() };
  };
  await run(settings.warmUp - 1);
  process.on('message', (question: WorkerQuestion) => {
    reply(question).then(send, (error: unknown) => send({ error: messageOf(error) }));
  });
  send({ ready: true, operations, firstMilliseconds });
}

async function open({ device, threads, standard }: WorkerSettings): Promise<Pick<Device, 'compileStep'>> {
  if (standard === true) {
    await tf.setBackend(await registerOnnxBackend({ provider: 'cpu', threads, blocked: false }));
    return { compileStep };
  }
  return openBackend({ name: device as DeviceName, description: device, adapter: null, reason: 'benchmark' }, threads);
}

function disturbed(feeds: Feeds, disturbance: number): Feeds {
  const { images } = feeds;
  if (disturbance === 0 || images === undefined) return feeds;
  return { ...feeds, images: images.map((value, index) => value * (1 + (index % 2) * disturbance)) };
}

function send(answer: WorkerAnswer): void {
  process.send?.(answer);
}

process.on('disconnect', () => process.exit(0));
main().catch((error: unknown) => {
  process.send?.({ error: messageOf(error) } satisfies WorkerAnswer, () => process.exit(1));
});
