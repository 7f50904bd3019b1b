/** What a training leaves beside its weights, and how often: grids, checkpoints, validations. */
import { encodeGrid } from '../galleries/grid.ts';
import type { Objective } from '../objectives/types.ts';
import type { PictureGrid, TrainingOutput } from '../training/types.ts';

/** By which score's AUROC on labelled pictures the best checkpoint is kept: the broadest one that the objective has. */
export function bestBy({ scores }: Objective): string {
  const best = (['joint', 'elbo', 'reconstruction', 'energy'] as const).find((name) => scores.includes(name));
  return `validation_${best ?? 'energy'}_AUROC`;
}

/** About twenty grids and ten validations a run, checkpoints by the clock. */
export function outputFor(steps: number, best: string, given: Partial<TrainingOutput> = {}): TrainingOutput {
  return {
    checkpointSteps: 0,
    checkpointSeconds: 60,
    keepCheckpoints: 2,
    sampleSteps: Math.max(25, Math.round(steps / 20)),
    sampleCount: 64,
    validationSteps: Math.max(50, Math.round(steps / 10)),
    bestBy: best,
    ...given,
  };
}

/** A grid as PNG, small pictures enlarged. */
export async function writeGrid(grid: PictureGrid): Promise<Uint8Array> {
  const length = grid.height * grid.width * grid.channels;
  const pictures = Array.from({ length: grid.count }, (_, i) => grid.pixels.subarray(i * length, (i + 1) * length));
  return encodeGrid(pictures, {
    size: grid.width,
    channels: grid.channels,
    columns: grid.columns,
    enlarge: grid.width < 48 ? 2 : 1,
  });
}
