/**
 * One side of a comparison, in a process of its own so that its threads are its own; started by step-process.ts with an IPC channel
 * and its settings as JSON. The first answer is {ready}; then each {steps} is answered with the time of every step, each {weights} with
 * what training has made of the networks.
 */
import { openBackend } from '../core/backends/devices-open.ts';
import type { DeviceName, Feeds, StepProgram } from '../core/backends/types.ts';
import { messageOf } from '../core/errors.ts';
import { countOperations } from './step-operations.ts';
import { makeTask } from './step-tasks.ts';
import type { TaskName, TaskSize } from './step-tasks.ts';

export interface WorkerSettings extends TaskSize {
  readonly device: string;
  readonly task: TaskName;
  readonly threads: number;
  /** Steps before {ready}, at least one; they change the weights like any other. */
  readonly warmUp: number;
  /** Relative change of every other input value, to see what rounding alone does. */
  readonly disturbance?: number;
}

export type WorkerQuestion = { readonly steps: number } | { readonly weights: true };

export interface WorkerReady {
  readonly ready: true;
  /** Convolutions and matrix products of one step. */
  readonly operations: number;
  /** Of the first step, compiling included. */
  readonly firstMilliseconds: number;
}

export type WorkerAnswer =
  | WorkerReady
  | { readonly milliseconds: readonly number[] }
  | { readonly weights: Readonly<Record<string, Float32Array>> }
  | { readonly error: string };

async function main(): Promise<void> {
  const settings = JSON.parse(process.argv[2] ?? '{}') as WorkerSettings;
  const { device, threads } = settings;
  const info = { name: device as DeviceName, description: device, adapter: null, reason: 'benchmark' };
  const opened = await openBackend(info, threads);
  const task = makeTask(settings.task, settings);
  const feedsOf = (update: number): Feeds => disturbed(task.feedsOf(update), settings.disturbance ?? 0);
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

  const run = async (steps: number): Promise<number[]> => {
    const times: number[] = [];
    for (let step = 0; step < steps; step++) {
      feeds = feedsOf(++update);
      const before = performance.now();
      await program?.run(feeds);
      times.push(performance.now() - before);
    }
    return times;
  };
  const reply = async (question: WorkerQuestion): Promise<WorkerAnswer> => {
    if ('steps' in question) return { milliseconds: await run(question.steps) };
    const weights: Record<string, Float32Array> = {};
    for (const [name, weight] of task.weights) weights[name] = Float32Array.from(await weight.data());
    return { weights };
  };
  await run(settings.warmUp - 1);
  process.on('message', (question: WorkerQuestion) => {
    reply(question).then(send, (error: unknown) => send({ error: messageOf(error) }));
  });
  send({ ready: true, operations, firstMilliseconds });
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
