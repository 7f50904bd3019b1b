/** Shuffled batches from a prepared dataset, in an order that a few numbers describe, so that a run resumes exactly. */
import { crc32 } from 'node:zlib';
import { CoreError } from '../errors.ts';
import { Random } from '../random.ts';
import { augmentInto } from './augment.ts';
import type { Augmentation, ImageBatch, PreparedDataset } from './types.ts';

export interface BatchStreamOptions {
  readonly dataset: Pick<PreparedDataset, 'shape' | 'read' | 'fingerprint'>;
  /** Model inputs to draw from, as {@link DatasetSplit} gives them. */
  readonly indices: Int32Array;
  readonly batchSize: number;
  readonly seed: number;
  readonly augmentation?: Augmentation | null;
}

/** JSON-safe: where the stream stands, and what it was drawn from. */
export interface BatchStreamState {
  readonly seed: number;
  readonly batchSize: number;
  /** Batches given so far. */
  readonly batches: number;
  /** Dataset fingerprint and checksum of the indices, to refuse resuming on other data. */
  readonly fingerprint: string;
  readonly indices: number;
}

/** uint8 -> [-1, 1]. */
const scaled = Float32Array.from({ length: 256 }, (_, value) => value / 127.5 - 1);

/** uint8 pixels as the models take them: float32 in [-1, 1], a fresh array unless `target` is given. */
export function toModelInput(pixels: Uint8Array, target = new Float32Array(pixels.length)): Float32Array {
  for (let i = 0; i < pixels.length; i++) target[i] = scaled[pixels[i] ?? 0] ?? 0;
  return target;
}

/** The given model inputs, in order: float32 [indices.length, height, width, channels] in [-1, 1], a fresh array. */
export function readImages(dataset: Pick<PreparedDataset, 'shape' | 'read'>, indices: ArrayLike<number>): Float32Array {
  const { height, width, channels } = dataset.shape;
  const pixels = new Uint8Array(indices.length * height * width * channels);
  dataset.read(indices, pixels);
  return toModelInput(pixels);
}

/**
 * An endless stream of batches. Each pass over the images has its own order, drawn from the seed and the number of the pass alone.
 * The images that do not fill a last batch are left out of that pass; where there are fewer images than a batch has places, batches
 * run on into the next pass. Memory: 4 bytes for each index, and one batch.
 */
export class BatchStream {
  readonly #options: BatchStreamOptions;
  readonly #order: Int32Array;
  readonly #chosen: Int32Array;
  readonly #pixels: Uint8Array;
  readonly #checksum: number;
  #pass = -1;
  #batches: number;

  constructor(options: BatchStreamOptions, batches = 0) {
    const { indices, batchSize, dataset } = options;
    if (indices.length === 0) {
      throw new CoreError(
        'dataset/no-training-images',
        'There are no images to train on. Add normal pictures, or exclude fewer labels.',
      );
    }
    if (!Number.isInteger(batchSize) || batchSize < 1) {
      throw new CoreError('dataset/wrong-setting', `The batch size is ${batchSize}. Choose a whole number, 1 or more.`);
    }
    const { height, width, channels } = dataset.shape;
    this.#options = options;
    this.#order = new Int32Array(indices.length);
    this.#chosen = new Int32Array(batchSize);
    this.#pixels = new Uint8Array(batchSize * height * width * channels);
    this.#checksum = crc32(new Uint8Array(indices.buffer, indices.byteOffset, indices.byteLength));
    this.#batches = batches;
  }

  /** Continues after the batch at which `state` was taken; throws `dataset/resume-mismatch` where data or settings are others. */
  static restored(options: BatchStreamOptions, state: BatchStreamState): BatchStream {
    const stream = new BatchStream(options, state.batches);
    const now = stream.state();
    const changed =
      now.fingerprint !== state.fingerprint || now.indices !== state.indices
        ? 'pictures'
        : now.batchSize !== state.batchSize
          ? 'batch size'
          : now.seed !== state.seed
            ? 'seed'
            : null;
    if (changed !== null) {
      throw new CoreError(
        'dataset/resume-mismatch',
        `The ${changed} changed since the run was saved. Resume with the same data and settings, or start a new run.`,
      );
    }
    return stream;
  }

  state(): BatchStreamState {
    const { seed, batchSize, dataset } = this.#options;
    return { seed, batchSize, batches: this.#batches, fingerprint: dataset.fingerprint, indices: this.#checksum };
  }

  /** Batches in one pass; 1 where a batch holds more than all images. */
  get batchesPerEpoch(): number {
    return Math.max(1, Math.floor(this.#options.indices.length / this.#options.batchSize));
  }

  /** The next batch, in a fresh array that the caller may keep. */
  next(): ImageBatch {
    const { indices, batchSize, dataset, augmentation, seed } = this.#options;
    const perPass = indices.length < batchSize ? indices.length : batchSize * this.batchesPerEpoch;
    const drawn = this.#batches * batchSize;
    const epoch = Math.floor(drawn / perPass);
    for (let i = 0; i < batchSize; i++) {
      const place = drawn + i;
      this.#shuffle(Math.floor(place / perPass));
      this.#chosen[i] = this.#order[place % perPass] ?? 0;
    }
    dataset.read(this.#chosen, this.#pixels);
    const images = new Float32Array(this.#pixels.length);
    if (augmentation == null) {
      toModelInput(this.#pixels, images);
    } else {
      const random = Random.seeded(seed, `augmentation/${this.#batches}`);
      augmentInto({ pixels: this.#pixels, images, shape: dataset.shape, augmentation, random, scaled });
    }
    this.#batches++;
    return { images, count: batchSize, epoch };
  }

  /** Brings the order to that of the given pass. */
  #shuffle(pass: number): void {
    if (pass === this.#pass) return;
    this.#order.set(this.#options.indices);
    Random.seeded(this.#options.seed, `batches/${pass}`).shuffle(this.#order);
    this.#pass = pass;
  }
}
