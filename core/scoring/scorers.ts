/**
 * Scoring shared out to processes of one thread each: in one process decoding, JavaScript and the networks take turns, and its event
 * loop stands still meanwhile. Work goes out in runs of pictures and results come back in order. They are those of `stream-here.ts`, since
 * batches are always full: an image's result does not depend on which others were scored with it.
 */
import path from 'node:path';
import { problemOf } from '../datasets/picture-problem.ts';
import { throwIfCancelled } from '../errors.ts';
import { defaultBatchSize } from './batches.ts';
import type { PictureList } from './pictures.ts';
import { progressOf } from './progress.ts';
import { scorerStarter, type StartScorer } from './scorer-child.ts';
import type { ScorerItem } from './scorer-messages.ts';
import { unpackResults } from './scorer-packing.ts';
import { ScorerPool, type ScorerOutcome } from './scorer-pool.ts';
import type { Normals, ScoreOptions } from './stream.ts';
import type { ModelDescription, ScoreResult } from './types.ts';

export interface ScorerSettings {
  readonly processes: number;
  /** From how many seconds of one thread's work on processes are started. */
  readonly leastSeconds: number;
  /** Pictures that are handed out at a time. */
  readonly chunk: number;
  readonly start: StartScorer;
  /** Folder of the exported model. */
  readonly folder: string;
}

/** Each takes memory of its own; more than these would wait for the disk. */
const mostProcesses = 16;
/** Starting them takes about half a second. */
const leastSeconds = 1;

/** Null where this process does better alone, or must. */
export function scorersFor(options: ScoreOptions): ScorerSettings | null {
  const { model, list, indices, maps, scorers } = options;
  const start = scorers?.start ?? scorerStarter();
  // Maps are many times as large as all else that there is to tell of a picture.
  if (!model.shared || maps === true || start === null) return null;
  const { spec, preparation } = model.description;
  const settings: ScorerSettings = {
    processes: Math.min(model.shared.threads, mostProcesses),
    leastSeconds,
    // Whole batches.
    chunk: preparation.tiles === null ? Math.max(64, options.batchSize ?? defaultBatchSize(spec.size)) : 8,
    folder: model.shared.folder,
    ...scorers,
    start,
  };
  const seconds = (indices?.length ?? list.items.length) * secondsOf(model.description);
  return settings.processes > 1 && seconds >= settings.leastSeconds ? settings : null;
}

/** About what one thread takes for a picture (measured: bench/README.md, `score`). */
function secondsOf({ spec, preparation }: ModelDescription): number {
  const pixels = (spec.size / 64) ** 2;
  const tiles = preparation.tiles === null ? 1 : 16;
  return tiles * pixels * (1.5e-4 + 4e-4 * (spec.width / 16) ** 1.7);
}

interface Run {
  readonly indices: readonly number[];
  readonly outcome: Promise<ScorerOutcome>;
}

/** As `scoreImages`. Returns false, without any result, where no process came up: nothing is lost, it takes longer here. */
export async function* scoreShared(
  options: ScoreOptions,
  { processes, start, chunk, folder }: ScorerSettings,
): AsyncGenerator<ScoreResult, boolean> {
  const { list, signal, normals, batchSize } = options;
  throwIfCancelled(signal);
  const count = options.indices?.length ?? list.items.length;
  const indexOf = (position: number): number => options.indices?.[position] ?? position;
  const opening = { type: 'open', folder, normals: normals && partOf(normals), batchSize } as const;
  const pool = new ScorerPool(processes, start, opening);
  const stop = (): void => pool.close();
  signal?.addEventListener('abort', stop, { once: true });
  const progress = progressOf(options.onProgress, count);
  try {
    if (!(await pool.ready())) return false;
    const runs: Run[] = [];
    // Enough that nobody waits for work while results wait for their turn; it bounds the memory as well.
    const most = 4 * processes;
    let next = 0;
    for (;;) {
      for (; runs.length < most && next < count; next += chunk) {
        const indices = Array.from({ length: Math.min(chunk, count - next) }, (_, i) => indexOf(next + i));
        const items = await Promise.all(indices.map((index) => itemOf(list, index)));
        runs.push({ indices, outcome: pool.submit(items) });
      }
      const run = runs.shift();
      if (run === undefined) return true;
      const { results, error } = await run.outcome;
      const names = run.indices.map((index) => nameOf(list, index));
      for (const result of unpackResults(results, names, run.indices)) {
        throwIfCancelled(signal);
        progress(result);
        yield result;
      }
      if (error !== null) throw error;
    }
  } catch (error) {
    throwIfCancelled(signal);
    throw error;
  } finally {
    signal?.removeEventListener('abort', stop);
    pool.close();
  }
}

/** Without what else a calibration has to say. */
function partOf({ statistics, places, neighbours, featureNeighbours }: Normals): Normals {
  return { statistics, places, neighbours, featureNeighbours };
}

function nameOf(list: PictureList, index: number): string {
  return list.items[index]?.name ?? String(index);
}

/** Files are read where they are decoded; what lies inside others is read here, from where it is open. */
async function itemOf(list: PictureList, index: number): Promise<ScorerItem> {
  const name = nameOf(list, index);
  const file = list.pathOf?.(index);
  if (file) return { name, file: path.resolve(file) };
  try {
    return { name, image: await list.read(index) };
  } catch (error) {
    const problem = problemOf(error);
    if (problem === null) throw error;
    return { name, problem };
  }
}
