/** The datasets room's door: files to batches. */
export type * from './types.ts';
export type { DatasetFormat, OpenOptions } from './format.ts';
export { datasetFormats, openSource } from './open.ts';
export { openPictures } from './pictures.ts';
export { decodeFile, decodePicture, defaultLimitPixels, smallestSide } from './decoding.ts';
export { problemOf } from './picture-problem.ts';
export {
  checkPreparation,
  preparationGeometry,
  prepareImage,
  prepareMask,
  withChannels,
  type PreparationGeometry,
  type PreparedImage,
} from './preparation.ts';
export { prepareDataset, preparedFingerprint, type PrepareOptions, type PrepareProgress } from './prepared.ts';
export {
  checkLabels,
  isAnomalous,
  selectInputs,
  splitDataset,
  splitP1,
  type ProtocolSplit,
  type SplitOptions,
} from './split.ts';
export { limitInputs, splitForRun, testInputs, type RunSplitSettings, type TestInputs } from './run-split.ts';
export { withoutItems } from './without.ts';
export { BatchStream, readImages, toModelInput, type BatchStreamOptions, type BatchStreamState } from './batches.ts';
export { summarise, type DatasetSummary, type LabelCount, type Summarisable } from './summary.ts';
