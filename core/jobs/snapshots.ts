/** Scoring at the end of each of a training's last epochs: energies swing from epoch to epoch, so one moment of a run says little. */
import { withExportBackend } from '../backends/graphs.ts';
import type { PreparedDataset } from '../datasets/types.ts';
import type { RunManifest } from '../runs/manifest.ts';
import { modelOfNetworks } from '../scoring/graph-model.ts';
import type { ModelDescription, ScoringModel } from '../scoring/types.ts';
import type { Validate } from './validation.ts';

/** The networks as they are after an epoch; model and dataset are open until `take` returns. */
export interface Snapshot {
  readonly step: number;
  /** From 1 to the training's last. */
  readonly epoch: number;
  readonly model: ScoringModel;
  readonly dataset: PreparedDataset;
  readonly manifest: RunManifest;
}

export interface SnapshotJob {
  /** How many of the last epochs; all where the training has fewer. */
  readonly lastEpochs: number;
  /**
   * Must be done with what it keeps before it resolves: a checkpoint of the same step may follow at once, and a resumed training does
   * not come back. It is not to give up when the training is stopped: the stop follows it. After a crash it may be called again for the same step, with the same networks.
   */
  readonly take: (snapshot: Snapshot) => Promise<void>;
}

export interface SnapshotSetting {
  readonly job: SnapshotJob;
  readonly manifest: RunManifest;
  readonly dataset: PreparedDataset;
  readonly stepsPerEpoch: number;
  readonly threads: number | undefined;
  readonly describe: (step: number) => ModelDescription;
}

/** As a validation without metrics: the trainer calls it after each epoch, most calls do nothing. */
export function makeSnapshots({ job, manifest, dataset, stepsPerEpoch, threads, describe }: SnapshotSetting): Validate {
  const epochOf = (step: number): number => Math.ceil(step / stepsPerEpoch);
  const last = epochOf(manifest.training.steps);
  return async (step, networks) => {
    const epoch = epochOf(step);
    if (epoch <= last - job.lastEpochs) return {};
    await withExportBackend(async () => {
      const model = await modelOfNetworks(networks, describe(step), threads === undefined ? {} : { threads });
      try {
        await job.take({ step, epoch, model, dataset, manifest });
      } finally {
        await model.dispose();
      }
    });
    return {};
  };
}
