/**
 * One side of the step benchmark, in a process of its own so that its threads are its own: `step-worker <device> <task> <threads>`,
 * started with an IPC channel. Answers each message {steps} with {milliseconds} of every step; the first answer is {ready}.
 */
import { openBackend } from '../core/backends/devices-open.ts';
import type { DeviceName, StepProgram } from '../core/backends/types.ts';
import { messageOf } from '../core/errors.ts';
import { countOperations } from './step-operations.ts';
import { makeTask } from './step-tasks.ts';
import type { TaskName } from './step-tasks.ts';

export interface WorkerReady {
  readonly ready: true;
  /** Convolutions and matrix products of one step. */
  readonly operations: number;
  /** Of the first steps, compiling included. */
  readonly firstMilliseconds: number;
}

export type WorkerAnswer = WorkerReady | { readonly milliseconds: readonly number[] } | { readonly error: string };

const warmUpSteps = 3;

async function main(): Promise<void> {
  const [device = '', task = '', threads = '1'] = process.argv.slice(2);
  const opened = await openBackend(
    { name: device as DeviceName, description: device, adapter: null, reason: 'benchmark' },
    Number(threads),
  );
  const { request, feeds } = makeTask(task as TaskName);
  const start = performance.now();
  let program: StepProgram | undefined;
  // Eager devices call the step when it runs, the others trace it when it is compiled.
  const operations = await countOperations(async () => {
    program = opened.compileStep(request);
    await program.run(feeds);
  });
  const firstMilliseconds = performance.now() - start;
  for (let step = 1; step < warmUpSteps; step++) await program?.run(feeds);

  const answer = (message: WorkerAnswer): void => void process.send?.(message);
  process.on('message', ({ steps }: { steps: number }) => {
    const measure = async (): Promise<readonly number[]> => {
      const times: number[] = [];
      for (let step = 0; step < steps; step++) {
        const before = performance.now();
        await program?.run(feeds);
        times.push(performance.now() - before);
      }
      return times;
    };
    measure().then(
      (milliseconds) => answer({ milliseconds }),
      (error: unknown) => answer({ error: messageOf(error) }),
    );
  });
  answer({ ready: true, operations, firstMilliseconds });
}

process.on('disconnect', () => process.exit(0));
main().catch((error: unknown) => {
  process.send?.({ error: messageOf(error) } satisfies WorkerAnswer, () => process.exit(1));
});
