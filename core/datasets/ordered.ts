/** Many asynchronous jobs at once, their results in order, with few in flight and the event loop kept alive. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { throwIfCancelled } from '../errors.ts';

export interface OrderedOptions {
  /** Number of jobs. */
  readonly count: number;
  /** Jobs in flight. */
  readonly concurrency: number;
  readonly signal: AbortSignal | undefined;
}

/** Runs `job(0)` … `job(count - 1)`, yields their results by index. Leaves no job running when it ends early. */
export async function* inOrder<T>(job: (index: number) => Promise<T>, options: OrderedOptions): AsyncGenerator<T> {
  const { count, concurrency, signal } = options;
  const flying: Promise<T>[] = [];
  let started = 0;
  let turned = Date.now();
  try {
    for (let index = 0; index < count; index++) {
      throwIfCancelled(signal);
      while (started < count && flying.length < concurrency) {
        const promise = job(started++);
        // An error is thrown when its turn comes; until then it must not count as unhandled.
        promise.catch(() => undefined);
        flying.push(promise);
      }
      yield await (flying.shift() as Promise<T>);
      if (Date.now() - turned > 20) {
        await nextTurn();
        turned = Date.now();
      }
    }
  } finally {
    await Promise.allSettled(flying);
  }
}
