/** What takes space, in the order of size, and what a clean-up of it costs a person. */
import type { Storage } from '../../../ipc/contract.ts';

export type RunStorage = Storage['runs'][number];
export type Part = keyof RunStorage['parts'];

export const partNames = {
  checkpoints: 'Checkpoints',
  samples: 'Training pictures',
  scores: 'Scores and graphs',
  gallery: 'Gallery',
  other: 'Other',
} as const satisfies Record<Part, string>;

export function largestFirst(storage: Storage): RunStorage[] {
  return [...storage.runs].sort((a, b) => b.bytes - a.bytes || a.name.localeCompare(b.name));
}

export function totals(storage: Storage): {
  runs: number;
  sessions: number;
  uploads: number;
  cache: number;
  trash: number;
  all: number;
} {
  const runs = storage.runs.reduce((sum, run) => sum + run.bytes, 0);
  const { sessionBytes: sessions, uploadBytes: uploads, cacheBytes: cache, trashBytes: trash } = storage;
  return { runs, sessions, uploads, cache, trash, all: runs + sessions + uploads + cache + trash };
}

export interface CleanUpText {
  readonly title: string;
  /** What is lost and what is not; said before it is done. */
  readonly text: string;
  readonly action: string;
}

/** None of these can be undone: a run's own files are deleted, not moved to the trash. */
export const cleanUpTexts = {
  cache: {
    title: 'Empty the cache?',
    text: 'Prepared copies of datasets are deleted. Nothing is lost: they are made again when they are next needed, which takes a moment.',
    action: 'Empty the cache',
  },
  trash: {
    title: 'Empty the trash?',
    text: 'Deleted runs, scores and pictures are deleted for good and cannot be brought back.',
    action: 'Delete for good',
  },
  uploads: {
    title: 'Delete copies that nothing uses?',
    text: 'Copies of dropped pictures that no dataset, run, scores or deleted thing in the trash speaks of are deleted. The files that they were copied from are not touched.',
    action: 'Delete unused copies',
  },
  checkpoints: {
    title: 'Delete older checkpoints?',
    text: 'All checkpoints but the newest and the best are deleted for good. The run can still score, generate and go on from where it is; it can no longer go back to an earlier step.',
    action: 'Delete older checkpoints',
  },
  samples: {
    title: 'Thin out pictures from training?',
    text: 'Of the pictures kept while it trained, only the first, the last and every tenth stay. The slider over the steps has fewer stops; nothing else changes.',
    action: 'Thin out pictures',
  },
  derived: {
    title: 'Delete what can be made again?',
    text: 'Exported graphs and heatmaps are deleted. Nothing is lost: they are made again when they are next needed. Scores and labels stay.',
    action: 'Delete derived files',
  },
} as const satisfies Record<string, CleanUpText>;

/** Position 0 of the slider keeps nothing; then 0.25 GB, doubling to 256 GB. */
export const limitPositions = 11;
const smallestLimit = 0.25e9;

export function limitAt(position: number): number {
  return position <= 0 ? 0 : smallestLimit * 2 ** (Math.min(position, limitPositions) - 1);
}

/** The position nearest to a limit that need not be one of the slider's. */
export function limitPosition(bytes: number): number {
  if (bytes <= 0) return 0;
  return Math.min(limitPositions, Math.max(1, 1 + Math.round(Math.log2(bytes / smallestLimit))));
}
