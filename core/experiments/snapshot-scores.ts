/** Scores of the test images after each of the last epochs, one safetensors file a snapshot; metrics come from these files alone. */
import { mkdir, readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { CoreError } from '../errors.ts';
import { aggregateLast, meanOfArrays } from '../evaluation/aggregate.ts';
import { aupr } from '../evaluation/aupr.ts';
import { auroc } from '../evaluation/auroc.ts';
import { f1max } from '../evaluation/f1max.ts';
import { fpr95 } from '../evaluation/fpr95.ts';
import { removeTemporaries, systemCode, writeFileAtomic } from '../runs/atomic.ts';
import { decodeSafetensors, encodeSafetensors, type SavedTensor } from '../runs/safetensors.ts';

/** Scores by name after one epoch, each as long as the test set. */
export interface SnapshotScores {
  readonly step: number;
  readonly columns: ReadonlyMap<string, Float32Array>;
}

const folderOf = (cellDir: string): string => path.join(cellDir, 'snapshots');
const nameOf = (step: number): string => `${String(step).padStart(8, '0')}.safetensors`;

/** Durable before it resolves. `columns` may hold several sets: `energy`, or `svhn/energy`. */
export async function writeSnapshot(
  cellDir: string,
  step: number,
  columns: ReadonlyMap<string, Float32Array>,
): Promise<void> {
  const tensors = [...columns].map(([name, data]): [string, SavedTensor] => [name, { shape: [data.length], data }]);
  await mkdir(folderOf(cellDir), { recursive: true });
  await removeTemporaries(folderOf(cellDir));
  await writeFileAtomic(path.join(folderOf(cellDir), nameOf(step)), encodeSafetensors(Object.fromEntries(tensors)));
}

/** All snapshots, oldest first. Throws `experiment/snapshots` where there are none or they do not fit one another. */
export async function readSnapshots(cellDir: string): Promise<SnapshotScores[]> {
  const folder = folderOf(cellDir);
  const names = await readdir(folder).catch((error: unknown) => {
    if (systemCode(error) === 'ENOENT') return [];
    throw error;
  });
  const snapshots: SnapshotScores[] = [];
  for (const name of names.filter((entry) => /^\d{8}\.safetensors$/.test(entry)).sort()) {
    const columns = new Map<string, Float32Array>();
    for (const [key, { data }] of Object.entries(decodeSafetensors(await readFile(path.join(folder, name))))) {
      if (data instanceof Float32Array) columns.set(key, data);
    }
    snapshots.push({ step: Number.parseInt(name, 10), columns });
  }
  const [first] = snapshots;
  const fits = ({ columns }: SnapshotScores): boolean =>
    first !== undefined &&
    columns.size === first.columns.size &&
    [...columns].every(([key, data]) => first.columns.get(key)?.length === data.length);
  if (first === undefined || !snapshots.every(fits)) {
    const text = `The snapshots in ${folder} are missing or do not belong together.`;
    throw new CoreError('experiment/snapshots', `${text} Delete the cell's folder and run the experiment again.`);
  }
  return snapshots;
}

export interface ScoredMetrics {
  readonly values: Record<string, number>;
  readonly series: Record<string, readonly number[]>;
}

/** What is measured of the mean over snapshots; `aupr` is average precision. */
const ofMean = { aupr, auroc, f1max: (s: ArrayLike<number>, l: ArrayLike<number>) => f1max(s, l).f1, fpr95 } as const;

/**
 * Of one score: `aupr` and `auroc`, the mean of the metric over the snapshots, with `…-deviation` over them where there are several,
 * and `…-of-mean`, the metric of each image's mean score over the snapshots. `scoreOf` picks the test set's scores from a snapshot.
 */
export function metricsOfScore(
  name: string,
  byEpoch: readonly ArrayLike<number>[],
  labels: ArrayLike<number>,
): ScoredMetrics {
  const values: Record<string, number> = {};
  const series: Record<string, readonly number[]> = {};
  for (const [metric, measure] of [
    ['aupr', aupr],
    ['auroc', auroc],
  ] as const) {
    const measured = byEpoch.map((scores) => measure(scores, labels));
    const { mean, deviation } = aggregateLast(measured, measured.length);
    values[`${name}/${metric}`] = mean;
    if (deviation !== null) values[`${name}/${metric}-deviation`] = deviation;
    series[`${name}/${metric}`] = measured;
  }
  const mean = meanOfArrays(byEpoch);
  for (const [metric, measure] of Object.entries(ofMean)) values[`${name}/${metric}-of-mean`] = measure(mean, labels);
  return { values, series };
}
