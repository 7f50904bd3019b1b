/** The only public door of the core: what the command line and, later, the desktop application may use. One block a room. */
import { version } from './version.ts';

export { CoreError, messageOf, throwIfCancelled } from './errors.ts';
export { Random, type RandomState } from './random.ts';
export { version };

export {
  datasetFormats,
  defaultCacheDir,
  isAnomalous,
  openSource,
  prepareDataset,
  prepareImage,
  splitDataset,
  splitP1,
} from './datasets/index.ts';
export type {
  DatasetItem,
  DatasetProblem,
  DatasetSplit,
  ImageSource,
  PrepareOptions,
  PrepareProgress,
  PreparedDataset,
  Preparation,
  SplitOptions,
} from './datasets/index.ts';

export { aupr, type AuprEstimator } from './evaluation/aupr.ts';
export { auroc } from './evaluation/auroc.ts';
export { bootstrapInterval, type BootstrapRequest, type ConfidenceInterval } from './evaluation/bootstrap.ts';
export { f1max, type F1Max } from './evaluation/f1max.ts';
export { fpr95 } from './evaluation/fpr95.ts';
export { histogram, type Histogram, type HistogramOptions } from './evaluation/histogram.ts';
export { psnr } from './evaluation/psnr.ts';
export { quantile } from './evaluation/quantile.ts';
export { baseRate } from './evaluation/ranking.ts';
export { rmse } from './evaluation/rmse.ts';

export { writeFileAtomic, writeJsonAtomic } from './runs/atomic.ts';
export type { BestMark, Checkpoint, LoadedCheckpoint } from './runs/checkpoints.ts';
export { formatVersion, parseManifest, type ManifestPatch, type RunManifest, type RunState } from './runs/manifest.ts';
export type { MetricsRecord } from './runs/metrics-log.ts';
export { RunFolder, type SampleKind } from './runs/run-folder.ts';
export { decodeSafetensors, encodeSafetensors, type SavedTensor, type Tensors } from './runs/safetensors.ts';

export { deviceNames, listDevices, openDevice, type DeviceReport } from './backends/devices.ts';
export type { Device, DeviceInfo, DeviceName } from './backends/types.ts';

export { findObjective, objectives } from './objectives/registry.ts';
export type { Objective, ObjectiveOptions, ScoreName } from './objectives/types.ts';
export type { NetSpec, NetworkName } from './nets/types.ts';

/** Versions of what is at work, for reports of faults. */
export function versions(): Readonly<Record<string, string>> {
  return { triangle: version, node: process.versions.node, platform: `${process.platform} ${process.arch}` };
}
