/**
 * The core runs as two processes of the same entry: `training` owns the queue and computes steps without a pause; `desk` answers the
 * window and scores. ONNX Runtime computes on the thread that asks, so in one process each would wait for the other.
 */
import type { Channel } from './contract.ts';

export const lanes = ['desk', 'training'] as const;
export type Lane = (typeof lanes)[number];

const training: ReadonlySet<Channel> = new Set<Channel>([
  'training.start',
  'training.pause',
  'training.resume',
  'training.stop',
  'training.keepAsIs',
  'training.queue',
  'training.reorder',
  'training.remove',
  'runs.reproduce',
  'experiments.list',
  'experiments.start',
  'experiments.stop',
  'experiments.resume',
]);

export function laneOf(channel: Channel): Lane {
  return training.has(channel) ? 'training' : 'desk';
}

export interface CoreFolders {
  /** Folder of the person's collection; the user's data folder by default. */
  readonly library?: string | undefined;
  /** Folder of what can be made again; the user's cache folder by default. */
  readonly cache?: string | undefined;
}

/** The arguments of a core process, for any kind of host. */
export function coreArguments(lane: Lane, { library, cache }: CoreFolders = {}): string[] {
  return [
    `--lane=${lane}`,
    ...(library === undefined ? [] : [`--library=${library}`]),
    ...(cache === undefined ? [] : [`--cache=${cache}`]),
  ];
}
