/** Training images most like a scored or a generated picture, with references to show them. */
import { openSource, prepareImage, toModelInput, withoutItems } from '../datasets/index.ts';
import type { ImageSource } from '../datasets/index.ts';
import { CoreError } from '../errors.ts';
import type { RunFolder } from '../runs/run-folder.ts';
import { defaultBatchSize } from '../scoring/batches.ts';
import {
  ensureNearestIndex,
  nearestTo,
  pixelDistance,
  placesOf,
  spaceOf,
  type NearestSpace,
} from '../scoring/nearest.ts';
import type { ScoringModel } from '../scoring/types.ts';
import { idOf } from './folders.ts';
import { encodeItem, type EncodedPicture } from './pictures.ts';
import { Pool } from './pool.ts';
import type { RunShelf } from './runs.ts';

export interface NearestRow {
  readonly name: string;
  readonly image: string;
  readonly distance: number;
  readonly space: NearestSpace;
  readonly pixelDistance: number;
}

export class NearestFinder {
  readonly #cacheDir: string;
  readonly #runs: RunShelf;
  /** The data of runs, without left-out files. */
  readonly #data = new Pool<ImageSource>(3, (source) => source.close());

  constructor(runs: RunShelf, cacheDir: string) {
    this.#runs = runs;
    this.#cacheDir = cacheDir;
  }

  /** `pixels`: one model input, uint8 [size, size, channels]. The first call for a model reads the training images. */
  async find(run: RunFolder, model: ScoringModel, pixels: Uint8Array, count: number): Promise<NearestRow[]> {
    const { spec, preparation } = model.description;
    const index = await ensureNearestIndex(run, model, { cacheDir: this.#cacheDir });
    const batch = defaultBatchSize(spec.size);
    const images = new Float32Array(batch * spec.size * spec.size * spec.channels);
    toModelInput(pixels, images.subarray(0, pixels.length));
    const place = (await placesOf(model, images, batch)).subarray(0, index.width);
    const id = idOf(run.dir);
    return this.#withData(run, async (source) => {
      const rows: NearestRow[] = [];
      for (const { name, index: item, distance } of nearestTo(index, place, count)) {
        const { tiles } = await prepareImage(await source.read(item), preparation);
        const tile = tiles[tiles.length >> 1] ?? new Uint8Array(pixels.length);
        const image = `/image/run-data/${id}/${item}`;
        rows.push({ name, image, distance, space: spaceOf(model), pixelDistance: pixelDistance(pixels, tile) });
      }
      return rows;
    });
  }

  /** A picture of a run's data, by its index without left-out files. */
  async picture(runId: string, index: number, size?: number): Promise<EncodedPicture> {
    return this.#withData(await this.#runs.open(runId), async (source) => {
      if (source.items[index] === undefined) throw new CoreError('library/no-picture', `There is no picture ${index}.`);
      return encodeItem(source, index, size);
    });
  }

  async #withData<R>(run: RunFolder, job: (source: ImageSource) => Promise<R>): Promise<R> {
    const { dataset } = run.manifest;
    const open = async (): Promise<ImageSource> =>
      withoutItems(await openSource(dataset.source, { cacheDir: this.#cacheDir }), dataset.excludeFiles ?? []);
    return this.#data.use(dataset.fingerprint + dataset.source, open, job);
  }

  async close(): Promise<void> {
    await this.#data.clear();
  }
}
