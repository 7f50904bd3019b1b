/** The only public door of the core: what the command line and, later, the desktop application may use. One block a room. */
export { CoreError, messageOf, throwIfCancelled } from './errors.ts';
export { Random, type RandomState } from './random.ts';
export { scoreNames, type ScoreName } from './score-names.ts';
export { defaultCacheDir, defaultLibraryDir } from './user-folders.ts';
export { version, versions } from './version.ts';

export {
  datasetFormats,
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
export { frechetDistance, MomentAccumulator, momentsOf, type FeatureMoments } from './evaluation/frechet.ts';
export { gradientFeatures, gradientFeatureSize, type ByteImages } from './evaluation/gradient-features.ts';
export { kernelDistance, type KernelDistanceOptions } from './evaluation/kernel-distance.ts';
export { samplePrecisionRecall, type SamplePrecisionRecall } from './evaluation/precision-recall.ts';
export { ssim, type SsimOptions } from './evaluation/ssim.ts';

export { writeFileAtomic, writeJsonAtomic } from './runs/atomic.ts';
export type { BestMark, Checkpoint, LoadedCheckpoint } from './runs/checkpoints.ts';
export { formatVersion, parseManifest, type ManifestPatch, type RunManifest, type RunState } from './runs/manifest.ts';
export type { MetricsRecord } from './runs/metrics-log.ts';
export { RunFolder, type SampleKind } from './runs/run-folder.ts';
export { decodeSafetensors, encodeSafetensors, type SavedTensor, type Tensors } from './runs/safetensors.ts';

export { deviceNames, listDevices, openDevice, type DeviceReport } from './backends/devices.ts';
export { setChildRunner, type ChildEnd, type ChildTask } from './backends/child-task.ts';
export { setScorerStarter, type ScorerChild } from './scoring/scorer-child.ts';
export type { FromScorer, ToScorer } from './scoring/scorer-messages.ts';
export type { Device, DeviceInfo, DeviceName } from './backends/types.ts';

export { resolveOptions } from './objectives/options.ts';
export { findObjective, objectives } from './objectives/registry.ts';
export type { Objective, ObjectiveOptions } from './objectives/types.ts';
export type { NetSpec, NetworkName } from './nets/types.ts';

export { findPreset, presets, type Preset } from './presets.ts';
export { TrainingControl } from './training/control.ts';
export { train, type TrainHost } from './training/trainer.ts';
export type { TrainEvent, TrainRequest, TrainResult, TrainingOutput, TrainingSettings } from './training/types.ts';

export { makeGallery, remakeGallery, type GalleryJob, type RemakeJob } from './galleries/gallery-job.ts';
export type { GalleryResult } from './galleries/gallery.ts';
export { readGalleryManifest, type GalleryKind, type GalleryManifest } from './galleries/manifest.ts';

export { readCalibration, type Calibration, type MapScale } from './scoring/calibration.ts';
export { defaultScore } from './scoring/default-score.ts';
export { evaluateRun, type Evaluation, type EvaluationJob, type Protocol } from './scoring/evaluate.ts';
export { exportRun, type ExportJob, type ExportResult } from './scoring/export-job.ts';
export { modelOfNetworks } from './scoring/graph-model.ts';
export { calibrateRun, calibrationSummary, ensureCalibration, type HeldOutOptions } from './scoring/held-out.ts';
export { openRunModel, type RunModelOptions } from './scoring/run-model.ts';
export { scorePictures, type ScoreJob, type ScoreSummary, type ThresholdRule } from './scoring/score-job.ts';
export { scoreImages, type ScoreOptions, type ScoreProgress } from './scoring/stream.ts';
export { thresholdByBestF1, thresholdByHand, thresholdFromNormals, type Threshold } from './scoring/threshold.ts';
export type { ModelDescription, ScoredImage, ScoreResult, ScoringModel } from './scoring/types.ts';

export {
  trainRun,
  type DatasetFacts,
  type TrainJob,
  type TrainJobEvent,
  type TrainJobResult,
} from './jobs/train-job.ts';
export { planTraining, suggestPreset, type TrainingChoices, type TrainingPlan } from './jobs/plan.ts';
export { runDemo, type DemoJob, type DemoResult } from './jobs/demo.ts';

export { openLibrary, type Library, type LibraryOptions } from './library/library.ts';
export { idOf, libraryFolders, type LibraryFolders } from './library/folders.ts';
export { TrainingQueue, type NewEntry } from './library/queue.ts';
export { planExperiment } from './library/experiments.ts';
export { LaneTurns } from './library/lane-turns.ts';
export { ExperimentQueue, type ExperimentCard } from './library/experiment-queue.ts';
export type { QueueEvent, TrainingStatus } from './library/queue-entry.ts';
export { differenceOf } from './library/run-settings.ts';
export { layoutLabels } from './library/session-labels.ts';
export { readSkipped } from './library/session-meta.ts';
export { exportSession } from './library/session-export.ts';
export { sessionPictureKinds, type SessionPictureKind } from './library/session-pictures.ts';
export { curveOf, effectOf, heldOutAscending, histogramOf, chooseRows, metricsOf } from './library/session-views.ts';
export { countAbove } from './library/session-table.ts';
export type { LoadedSession, SessionShelf } from './library/sessions.ts';
export { speedStore } from './library/speeds.ts';
export { cleanCheckpoints, cleanDerived, cleanSamples, storageOf, trimCache } from './library/storage.ts';
export { transfer } from './library/transfer.ts';
export { cleanUploads, collectPictures, splitLoose } from './library/uploads.ts';
export { ensureTourFolder } from './library/tour.ts';
export { listFolderOf, makeFolder } from './library/places.ts';
export { diagnosticReport, withoutNames } from './library/diagnostics.ts';
export { encodeItem, shrinkEncoded, type EncodedPicture } from './library/pictures.ts';
export type { GalleryEnd } from './galleries/gallery-job.ts';
export { estimateTraining, type Estimate } from './jobs/estimate.ts';
export { choicesOf, trainingForm, type TrainingForm } from './jobs/form.ts';
export { testDevices, type DeviceTest } from './library/device-tests.ts';
export { withoutItems } from './datasets/without.ts';
export { activeTraining } from './library/queue-peek.ts';

export {
  readExperiment,
  readExperimentReport,
  runExperiment,
  type StoredExperiment,
} from './experiments/run-experiment.ts';
export { experiments, findExperiment } from './experiments/registry.ts';
export { reportMarkdown, tableMarkdown } from './experiments/report/markdown.ts';
export { reportHtml } from './experiments/report/html.ts';
export { valueText as experimentValueText } from './experiments/report/numbers.ts';
export type {
  Cell,
  CellFacts,
  CellResult,
  CellStage,
  ExperimentChoices,
  ExperimentDefaults,
  ExperimentEvent,
  ExperimentInfo,
  ExperimentJob,
  ExperimentReport,
  ExperimentResult,
  ExperimentSettings,
  Figure,
  ParameterName,
  PlannedCell,
  ResultTable,
  TableRow,
  TableValue,
} from './experiments/types.ts';
export { aggregate, aggregateLast, meanOfArrays, type Aggregate } from './evaluation/aggregate.ts';
