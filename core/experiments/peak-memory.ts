/** The largest resident memory of this process during a job, remembered beside it so that a job gone on with keeps its figure. */
import { readFile } from 'node:fs/promises';
import { writeJsonAtomic } from '../runs/atomic.ts';

const everyMs = 200;

export interface Measured<Result> {
  readonly result: Result;
  /** Null where nothing is known. */
  readonly gigabytes: number | null;
}

/** `file`: where the figure is kept; the larger of its value and the new one. */
export async function peakMemory<Result>(file: string, job: () => Promise<Result>): Promise<Measured<Result>> {
  const before = await read(file);
  let peak = before ?? 0;
  let ticks = 0;
  const timer = setInterval(() => {
    ticks++;
    peak = Math.max(peak, process.memoryUsage.rss() / 1e9);
  }, everyMs);
  try {
    const result = await job();
    // A job that was done before takes no time and says nothing.
    if (ticks > 2) await writeJsonAtomic(file, { gigabytes: peak });
    return { result, gigabytes: ticks > 2 ? peak : before };
  } finally {
    clearInterval(timer);
  }
}

async function read(file: string): Promise<number | null> {
  try {
    const { gigabytes } = JSON.parse(await readFile(file, 'utf8')) as { gigabytes?: unknown };
    return typeof gigabytes === 'number' ? gigabytes : null;
  } catch {
    return null;
  }
}
