/** One scored picture looked at closely: original, heatmap on the model's fixed scale, overlay, reconstruction. Made when asked for. */
import { prepareImage, toModelInput, type ImageSource } from '../datasets/index.ts';
import { CoreError } from '../errors.ts';
import { toBytes } from '../galleries/grid.ts';
import { defaultBatchSize } from '../scoring/batches.ts';
import type { MapScale } from '../scoring/calibration.ts';
import { colourTable } from '../scoring/colours.ts';
import { colourMap, onScale } from '../scoring/heatmap.ts';
import { decodePictures, joinPictures } from '../scoring/pictures.ts';
import { openInputs } from '../scoring/inputs.ts';
import { scoreImages } from '../scoring/stream.ts';
import { assembleTiles } from '../scoring/tiles.ts';
import type { PictureMaps, ScoringModel } from '../scoring/types.ts';
import { RunFolder } from '../runs/run-folder.ts';
import type { Models } from './models.ts';
import type { NearestFinder, NearestRow } from './nearest.ts';
import { encodeItem, encodePicture, PictureCache, type EncodedPicture, type Pixels } from './pictures.ts';
import { Pool } from './pool.ts';
import type { LoadedSession } from './sessions.ts';
import type { SessionShelf } from './sessions.ts';

export const sessionPictureKinds = [
  'original',
  'prepared',
  'heatmap',
  'overlay',
  'energy',
  'reconstruction',
  'mask',
] as const;
export type SessionPictureKind = (typeof sessionPictureKinds)[number];

interface Close {
  readonly maps: PictureMaps;
  /** uint8 [height, width, channels], the geometry of the maps; null where the model cannot reconstruct. */
  readonly reconstruction: Uint8Array | null;
}

export class SessionPictures {
  readonly #sessions: SessionShelf;
  readonly #models: Models;
  readonly #sources = new Pool<ImageSource[]>(3, async (sources) => {
    for (const source of sources) await source.close();
  });
  readonly #cache = new PictureCache(64e6);
  /** The last few pictures that were looked at closely: five images come of each. */
  readonly #close = new Map<string, Promise<Close>>();

  constructor(sessions: SessionShelf, models: Models) {
    this.#sessions = sessions;
    this.#models = models;
  }

  /** Throws `library/no-picture`, and `library/picture-gone` where the file is not what was scored. */
  async picture(id: string, row: number, kind: SessionPictureKind, size?: number): Promise<EncodedPicture> {
    const session = await this.#sessions.load(id);
    if (row >= session.table.count) throw new CoreError('library/no-picture', `There is no picture ${row}.`);
    return this.#cache.get(`${id} ${row} ${kind} ${size ?? ''}`, () => this.#make(session, row, kind, size));
  }

  async #make(session: LoadedSession, row: number, kind: SessionPictureKind, size?: number): Promise<EncodedPicture> {
    if (kind === 'original' || kind === 'mask') {
      return this.withSource(session, row, async (source, index) => {
        if (kind === 'original') return encodeItem(source, index, size);
        const mask = await source.readMask(index);
        if (mask === null) throw new CoreError('library/no-picture', 'There is no mask of this picture.');
        return encodePicture(mask, size);
      });
    }
    const { calibration } = session;
    if (calibration === null)
      throw new CoreError('library/no-picture', 'Heatmaps are there when the model is calibrated.');
    const { maps, reconstruction } = await this.#look(session, row);
    const { width, height, channels, residual } = maps;
    const scale = calibration.maps.residual;
    const shaped = (pixels: Uint8Array): Pixels => ({ pixels, width, height, channels });
    switch (kind) {
      case 'prepared':
        return encodePicture(shaped(maps.pixels), size);
      case 'reconstruction':
      case 'heatmap':
      case 'overlay': {
        if (reconstruction === null || residual === null || scale === null) {
          const text = 'This model has no inference model: there are no reconstructions and no heatmaps.';
          throw new CoreError('library/no-picture', text);
        }
        if (kind === 'reconstruction') return encodePicture(shaped(reconstruction), size);
        if (kind === 'overlay') return encodePicture(transparent(residual, width, height, scale), size);
        return encodePicture({ ...colourMap(residual, width, height, scale), channels: 3 }, size);
      }
      case 'energy': {
        if (maps.energy === null || calibration.maps.energy === null) {
          throw new CoreError('library/no-picture', 'Only models on tiles have an energy map.');
        }
        return encodePicture({ ...colourMap(maps.energy, width, height, calibration.maps.energy), channels: 3 }, size);
      }
    }
  }

  /** Source and index of a row, with the check that the file is still the one that was scored. */
  async withSource<R>(
    session: LoadedSession,
    row: number,
    job: (source: ImageSource, index: number) => Promise<R> | R,
  ): Promise<R> {
    const { meta, table } = session;
    return this.#sources.use(
      meta.id,
      () => openInputs(meta.inputs),
      (sources) => {
        const name = table.names[row];
        let index = table.source(row);
        for (const source of sources) {
          if (index < source.items.length && source.items[index]?.name === name) return job(source, index);
          index -= source.items.length;
          if (index < 0) break;
        }
        // Files were added or removed since: look for the name.
        for (const source of sources) {
          const found = source.items.findIndex((item) => item.name === name);
          if (found >= 0) return job(source, found);
        }
        throw new CoreError('library/picture-gone', `${name ?? 'The picture'} is not where it was when it was scored.`);
      },
    );
  }

  /** Training images most like a scored picture (with tiles: its middle one). */
  async nearest(finder: NearestFinder, id: string, row: number, count: number): Promise<NearestRow[]> {
    const session = await this.#sessions.load(id);
    const { meta } = session;
    if (meta.model === null) throw new CoreError('library/no-picture', 'The model of these scores is not known.');
    const run = await RunFolder.open(meta.runDir);
    return this.#models.useMade({ runDir: meta.runDir, ...meta.model }, ({ model }) =>
      this.withSource(session, row, async (source, index) => {
        const { tiles } = await prepareImage(await source.read(index), model.description.preparation);
        return finder.find(run, model, tiles[tiles.length >> 1] ?? new Uint8Array(0), count);
      }),
    );
  }

  /** After files were moved. */
  async refresh(id: string): Promise<void> {
    await this.#sources.drop(id);
  }

  async #look(session: LoadedSession, row: number): Promise<Close> {
    const key = `${session.meta.id} ${row}`;
    const known = this.#close.get(key);
    if (known !== undefined) return known;
    const made = this.#compute(session, row);
    this.#close.set(key, made);
    made.catch(() => this.#close.delete(key));
    const [oldest] = this.#close.keys();
    if (this.#close.size > 8 && oldest !== undefined) this.#close.delete(oldest);
    return made;
  }

  async #compute(session: LoadedSession, row: number): Promise<Close> {
    const { meta } = session;
    if (meta.model === null) throw new CoreError('library/no-picture', 'The model of these scores is not known.');
    return this.#models.useMade({ runDir: meta.runDir, ...meta.model }, ({ model }) =>
      this.withSource(session, row, async (source, index) => {
        const list = joinPictures([source]);
        const normals = session.calibration ?? undefined;
        for await (const result of scoreImages({ model, list, indices: [index], normals, maps: true })) {
          if (result.kind === 'skipped') throw new CoreError('library/picture-gone', result.problem.detail);
          if (result.maps === null) break;
          const reconstruction = model.reconstructs ? await reconstruct(model, source, index) : null;
          return { maps: result.maps, reconstruction };
        }
        throw new CoreError('library/no-picture', 'The picture could not be scored again.');
      }),
    );
  }

  async close(): Promise<void> {
    await this.#sources.clear();
  }
}

/** g(mean(x)) of every tile, laid together: uint8 in the geometry of the prepared picture. */
export async function reconstruct(model: ScoringModel, source: ImageSource, index: number): Promise<Uint8Array> {
  const { spec, preparation } = model.description;
  const { size, channels, latent } = spec;
  const length = size * size * channels;
  const batch = defaultBatchSize(size);
  const list = joinPictures([source]);
  for await (const picture of decodePictures({ list, preparation, ahead: 1, indices: [index] })) {
    if (picture.kind === 'skipped') break;
    const tiles: Uint8Array[] = [];
    for (let start = 0; start < picture.tiles.length; start += batch) {
      const images = new Float32Array(batch * length);
      const part = picture.tiles.slice(start, start + batch);
      part.forEach((pixels, i) => toModelInput(pixels, images.subarray(i * length, (i + 1) * length)));
      const { mean } = await model.infer(images, batch);
      const bytes = toBytes(await model.generate(mean.slice(0, batch * latent), batch));
      part.forEach((_, i) => tiles.push(bytes.slice(i * length, (i + 1) * length)));
    }
    return assembleTiles(tiles, picture.layout, size, channels);
  }
  throw new CoreError('library/picture-gone', 'The picture cannot be read any more.');
}

/** The heatmap's colours, as opaque as the map is high: laid over a picture, what is normal stays as it is. */
function transparent(map: Float32Array, width: number, height: number, scale: MapScale): Pixels {
  const pixels = new Uint8Array(width * height * 4);
  for (let i = 0; i < width * height; i++) {
    const position = onScale(map[i] ?? 0, scale);
    const entry = 3 * Math.round(255 * position);
    pixels.set(colourTable.subarray(entry, entry + 3), 4 * i);
    pixels[4 * i + 3] = Math.round(255 * position);
  }
  return { pixels, width, height, channels: 4 };
}
