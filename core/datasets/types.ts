/** What the rest of the core knows of images and datasets: plain data, no file formats. */

export type Channels = 1 | 3;

/** Height, width and channels of every image that a model sees, in pixels. */
export interface ImageShape {
  readonly height: number;
  readonly width: number;
  readonly channels: Channels;
}

/** A decoded picture: `pixels` is uint8, row-major, channels last, `height * width * channels` long. */
export interface DecodedImage extends ImageShape {
  readonly pixels: Uint8Array;
}

/**
 * How a picture of any size becomes model input. Kept in the run's manifest, so that scoring does exactly what training did.
 * `fit` keeps the whole picture and its proportions and pads; `fill` stretches; `crop` keeps proportions and cuts the centre.
 */
export interface Preparation {
  /** Side in pixels of the square that the model sees. */
  readonly size: number;
  readonly channels: Channels;
  readonly resize: 'fit' | 'fill' | 'crop';
  /**
   * Cut large pictures into overlapping squares of `size` pixels instead of shrinking them. The picture is first scaled by
   * `scale` (1: as it is); `stride` is the distance in pixels between neighbouring tiles, the last row and column end at the border.
   */
  readonly tiles: { readonly stride: number; readonly scale: number } | null;
}

/** One picture of a dataset before tiling. */
export interface DatasetItem {
  /** Path relative to the dataset's root for folders; `train/000123` for container files; stable and unique. */
  readonly name: string;
  /** Class name as the layout says it: `4`, `good`, `crack`; null where there is none. */
  readonly label: string | null;
  /** The layout's own split; null where it has none. */
  readonly split: 'train' | 'test' | null;
  /** True or false where the layout says so (MVTec, OK/NG); null where it does not. */
  readonly anomalous: boolean | null;
  /** Whether a ground-truth mask exists, readable by {@link ImageSource.readMask}. */
  readonly hasMask: boolean;
}

/** A recognised dataset, opened but not decoded. */
export interface ImageSource {
  /** Registered format name: `folder`, `mnist-idx`, `builtin:digits`, … */
  readonly format: string;
  /** What was recognised, in words: "MVTec layout: 600 good for training, 5 kinds of defect". */
  readonly description: string;
  readonly items: readonly DatasetItem[];
  /** Files that were found but are not usable pictures by name or size alone (empty, unknown type). */
  readonly problems: readonly DatasetProblem[];
  /** sha256 over names, sizes and modification times (or contents for containers), hex. */
  readonly fingerprint: string;
  /** The natural shape of the images where all are known to have the same (container formats), else null. */
  readonly shape: ImageShape | null;
  /** Decodes one item; colours as stored, EXIF orientation applied, alpha over white, 16 bit scaled to 8. */
  read(index: number): Promise<DecodedImage>;
  /** The item's mask, 1 channel, 255 = defect; null without one. */
  readMask(index: number): Promise<DecodedImage | null>;
  /** Absolute path of the item's own file, for showing the original; null inside containers and built-in sets. */
  pathOf(index: number): string | null;
  close(): Promise<void>;
}

export type ProblemKind = 'unreadable' | 'truncated' | 'empty' | 'tiny' | 'huge' | 'duplicate' | 'unsupported';

/** A file that was skipped or is suspicious; `detail` is a sentence. Duplicates name the file kept in `duplicateOf`. */
export interface DatasetProblem {
  readonly name: string;
  readonly kind: ProblemKind;
  readonly detail: string;
  readonly duplicateOf?: string;
}

/** Sides in pixels; the median of widths and of heights apart. */
export interface SizeSummary {
  readonly min: [width: number, height: number];
  readonly median: [width: number, height: number];
  readonly max: [width: number, height: number];
  /** How many pictures have 1 and 3 channels. */
  readonly channels: { readonly grey: number; readonly colour: number };
}

/** A dataset decoded into the on-disk cache, ready to be streamed. Indices are of model inputs (tiles), not of files. */
export interface PreparedDataset {
  readonly source: Pick<ImageSource, 'format' | 'description' | 'fingerprint'>;
  readonly preparation: Preparation;
  readonly shape: ImageShape;
  /** Number of model inputs: images, or tiles of images. */
  readonly count: number;
  /** Usable pictures, those with problems left out. */
  readonly items: readonly DatasetItem[];
  /** For each model input the index into `items`. */
  readonly itemOf: Int32Array;
  readonly problems: readonly DatasetProblem[];
  /** sha256 of source fingerprint and preparation, hex: the cache key, stored with each run. */
  readonly fingerprint: string;
  /** Width and height of the pictures before preparation, over all usable ones. */
  readonly sizes: SizeSummary;
  /** Copies inputs `indices`, uint8 NHWC, one after the other into `target`. */
  read(indices: ArrayLike<number>, target: Uint8Array): void;
  close(): void;
}

/** Which model inputs are used for what; indices into a PreparedDataset, sorted. */
export interface DatasetSplit {
  readonly train: Int32Array;
  /** Normal images kept from training, for thresholds and histograms. */
  readonly heldOut: Int32Array;
  /** Labelled images for validation metrics while training (normal and anomalous); empty where there are no labels. */
  readonly validation: Int32Array;
}

/** A batch as the model sees it: float32 NHWC in [-1, 1]. */
export interface ImageBatch {
  readonly images: Float32Array;
  readonly count: number;
  /** Completed passes over the training images before this batch. */
  readonly epoch: number;
}

export interface Augmentation {
  readonly flipHorizontal: boolean;
  readonly flipVertical: boolean;
  /** Largest shift in pixels in each direction, edges repeated. */
  readonly shift: number;
}
