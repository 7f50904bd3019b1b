/** Galleries of all runs: made, listed, looked at picture by picture, exported, made again and compared. */
import { createHash } from 'node:crypto';
import { mkdir, readFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import sharp from 'sharp';
import { z } from 'zod';
import { CoreError } from '../errors.ts';
import { makePictures, remakePictures, type Watch } from '../galleries/gallery.ts';
import { makeGallery, type GalleryJob } from '../galleries/gallery-job.ts';
import { encodeSingle } from '../galleries/grid.ts';
import { readGalleryManifest, type GalleryManifest, type GalleryPicture } from '../galleries/manifest.ts';
import { writeFileAtomic } from '../runs/atomic.ts';
import { RunFolder } from '../runs/run-folder.ts';
import { idOf, randomId, type LibraryFolders } from './folders.ts';
import { describePicture, titleOf } from './gallery-words.ts';
import { JsonStore } from './json-store.ts';
import type { Models } from './models.ts';
import { encodePicture, PictureCache, shrinkEncoded, type EncodedPicture } from './pictures.ts';
import type { RunShelf } from './runs.ts';
import { exists, type Trash } from './trash.ts';

const listSchema = z.object({ favourites: z.array(z.string()), hidden: z.array(z.string()) });

/** Where a gallery lies. */
interface Place {
  readonly id: string;
  readonly run: string;
  readonly runDir: string;
  /** Path without ending: `.png`, `.json`, and a folder of single pictures. */
  readonly stem: string;
}

export type GalleryWish = Pick<GalleryJob, 'kind' | 'count' | 'seed'> &
  Partial<Pick<GalleryJob, 'temperature' | 'data' | 'ends' | 'steps'>>;

export class GalleryShelf {
  readonly #runs: RunShelf;
  readonly #models: Models;
  readonly #trash: Trash;
  readonly #list: JsonStore<z.output<typeof listSchema>>;
  /** Places that were found: a page of thumbnails asks for the same ones again and again. */
  readonly #known = new Map<string, Place>();
  readonly #cache = new PictureCache(32e6);

  constructor(folders: LibraryFolders, shelves: { runs: RunShelf; models: Models; trash: Trash }) {
    this.#runs = shelves.runs;
    this.#models = shelves.models;
    this.#trash = shelves.trash;
    const file = path.join(folders.library, 'gallery.json');
    this.#list = new JsonStore(file, listSchema, { favourites: [], hidden: [] });
  }

  /** The id that the gallery will have, and the work. */
  async prepare(run: string, wish: GalleryWish): Promise<{ id: string; go: (watch: Watch) => Promise<string> }> {
    const folder = await this.#runs.open(run);
    const out = await folder.galleryPath(`${randomId()}.png`);
    const stem = out.slice(0, -'.png'.length);
    const go = async ({ signal, onProgress }: Watch): Promise<string> => {
      const threads = await this.#models.threads();
      await makeGallery({ run: folder, ...wish, out, singles: stem, threads, signal, onProgress });
      return out;
    };
    return { id: idOf(stem), go };
  }

  async #places(run?: string): Promise<Place[]> {
    const places: Place[] = [];
    for (const [id, runDir] of await this.#runs.folders()) {
      if (run !== undefined && id !== run) continue;
      const dir = path.join(runDir, 'gallery');
      for (const name of await readdir(dir).catch(() => [])) {
        if (!name.endsWith('.json')) continue;
        const stem = path.join(dir, name.slice(0, -'.json'.length));
        places.push({ id: idOf(stem), run: id, runDir, stem });
      }
    }
    return places;
  }

  async #place(id: string): Promise<Place> {
    const known = this.#known.get(id);
    if (known !== undefined && (await exists(`${known.stem}.json`))) return known;
    for (const place of await this.#places()) this.#known.set(place.id, place);
    const place = this.#known.get(id);
    if (place !== undefined && (await exists(`${place.stem}.json`))) return place;
    throw new CoreError('library/unknown-gallery', 'This gallery is not kept any more. Make it again.');
  }

  async #all(run?: string): Promise<{ place: Place; manifest: GalleryManifest; runName: string }[]> {
    const found = [];
    for (const place of await this.#places(run)) {
      const manifest = await readGalleryManifest(`${place.stem}.json`).catch(() => null);
      if (manifest !== null) found.push({ place, manifest, runName: await this.#runs.nameOf(place.run) });
    }
    return found.sort((a, b) => (a.manifest.created < b.manifest.created ? 1 : -1));
  }

  async list(run?: string) {
    return (await this.#all(run)).map(({ place, manifest, runName }) => {
      const { kind, created, columns, pictures, step } = manifest;
      const seeds = pictures.map((picture) => describePicture(picture));
      return {
        id: place.id,
        run: place.run,
        runName,
        kind,
        created,
        title: titleOf(manifest),
        seed: seeds[0]?.seed ?? null,
        temperature: seeds[0]?.temperature ?? null,
        count: pictures.length,
        columns,
        step,
        image: `/image/gallery/${place.id}`,
      };
    });
  }

  async items(query: {
    gallery?: string | undefined;
    run?: string | undefined;
    favourites?: boolean | undefined;
    offset: number;
    limit: number;
  }) {
    const { favourites, hidden } = await this.#list.read();
    const [liked, gone] = [new Set(favourites), new Set(hidden)];
    const rows = [];
    let total = 0;
    for (const { place, manifest } of await this.#all(query.run)) {
      if (query.gallery !== undefined && place.id !== query.gallery) continue;
      for (const [position, picture] of manifest.pictures.entries()) {
        const id = `${place.id}/${position}`;
        if (gone.has(id) || (query.favourites === true && !liked.has(id))) continue;
        total++;
        if (total <= query.offset || rows.length >= query.limit) continue;
        rows.push({
          id,
          gallery: place.id,
          run: place.run,
          position,
          kind: picture.kind,
          image: `/image/gallery/${id}`,
          ...describePicture(picture),
          favourite: liked.has(id),
        });
      }
    }
    return { total, rows };
  }

  async favourite(items: readonly string[], favourite: boolean): Promise<number> {
    const changed = await this.#list.change((list) => {
      const others = list.favourites.filter((id) => !items.includes(id));
      return { ...list, favourites: favourite ? [...others, ...items] : others };
    });
    return changed.favourites.length;
  }

  async discard(ids: readonly string[]): Promise<{ undo: string; what: string }> {
    const paths: string[] = [];
    for (const id of ids) {
      const { stem } = await this.#place(id);
      // The manifest last: without it there is no gallery.
      for (const file of [`${stem}.png`, stem, `${stem}.json`]) if (await exists(file)) paths.push(file);
    }
    const name = ids.length === 1 ? 'Gallery' : `${ids.length} galleries`;
    return { undo: await this.#trash.discard({ kind: 'gallery', name, paths }), what: `${name} deleted.` };
  }

  async discardItems(items: readonly string[]): Promise<{ undo: string; what: string }> {
    await this.#list.change((list) => ({ ...list, hidden: [...new Set([...list.hidden, ...items])] }));
    const name = items.length === 1 ? 'Picture' : `${items.length} pictures`;
    return { undo: await this.#trash.discard({ kind: 'pictures', name, extra: items }), what: `${name} deleted.` };
  }

  async bringBack(items: readonly string[]): Promise<void> {
    await this.#list.change((list) => ({ ...list, hidden: list.hidden.filter((id) => !items.includes(id)) }));
  }

  /** The whole grid as PNG. */
  async grid(id: string, size?: number): Promise<EncodedPicture> {
    const { stem } = await this.#place(id);
    return shrinkEncoded(await readFile(`${stem}.png`), size);
  }

  /** One picture; where its file was not kept it is made again. */
  async picture(id: string, position: number, size?: number): Promise<EncodedPicture> {
    const place = await this.#place(id);
    const kept = await this.#keptFile(place, position);
    if (kept !== null) return shrinkEncoded(await readFile(kept), size);
    return this.#cache.get(`${id}/${position} ${size ?? ''}`, async () => {
      const { pixels, size: side, channels } = await this.pixels(id, position);
      return encodePicture({ pixels, width: side, height: side, channels }, size);
    });
  }

  async #keptFile({ stem }: Place, position: number): Promise<string | null> {
    const { kind } = await readGalleryManifest(`${stem}.json`);
    const file = path.join(stem, `${kind}-${String(position).padStart(5, '0')}.png`);
    return (await exists(file)) ? file : null;
  }

  /** One picture's pixels, uint8 [size, size, channels], and the run that made it. Throws `gallery/original` for one that is not kept. */
  async pixels(id: string, position: number) {
    const place = await this.#place(id);
    const manifest = await readGalleryManifest(`${place.stem}.json`);
    const run = await RunFolder.open(place.runDir);
    const { size, channels } = run.manifest.nets;
    const kept = await this.#keptFile(place, position);
    if (kept !== null) {
      const raw = sharp(kept).toColourspace(channels === 1 ? 'b-w' : 'srgb');
      return { run, size, channels, pixels: new Uint8Array(await raw.raw({ depth: 'uchar' }).toBuffer()) };
    }
    const [pixels] = await this.#models.useMade(await madeBy(place, manifest), ({ model }) =>
      remakePictures(model, manifest, [position]),
    );
    if (pixels == null) throw new CoreError('gallery/original', 'This original was not kept with its gallery.');
    return { run, size, channels, pixels };
  }

  /** PNG files and one manifest that makes each again. */
  async export(
    items: readonly string[],
    folder: string,
    enlarge: number,
  ): Promise<{ files: string[]; manifest: string }> {
    await mkdir(folder, { recursive: true });
    const files: string[] = [];
    const pictures: (GalleryPicture & {
      readonly file: string;
      readonly run: string;
      readonly step: number;
      readonly fingerprint: string;
    })[] = [];
    for (const item of items) {
      const [id = '', number = '0'] = item.split('/');
      const position = Number(number);
      const place = await this.#place(id);
      const manifest = await readGalleryManifest(`${place.stem}.json`);
      const picture = manifest.pictures[position];
      if (picture === undefined) throw new CoreError('library/no-picture', `The gallery has no picture ${position}.`);
      const { pixels, size, channels } = await this.pixels(id, position);
      const file = path.join(folder, `${manifest.kind}-${id.slice(0, 6)}-${String(position).padStart(5, '0')}.png`);
      await writeFileAtomic(file, await encodeSingle(pixels, { size, channels, enlarge }));
      files.push(file);
      const { run, step, fingerprint } = manifest;
      pictures.push({ file: path.basename(file), run, step, fingerprint, ...picture });
    }
    const manifest = path.join(folder, 'manifest.json');
    await writeFileAtomic(manifest, `${JSON.stringify({ formatVersion: 1, enlarge, pictures }, null, 1)}\n`);
    return { files, manifest };
  }

  /** Makes every generated picture again and compares the bytes. */
  async verify(id: string): Promise<{ identical: boolean; compared: number; explanation: string }> {
    const place = await this.#place(id);
    const manifest = await readGalleryManifest(`${place.stem}.json`);
    const all = manifest.pictures.map((_, position) => position);
    const made = await this.#models.useMade(await madeBy(place, manifest), ({ model }) =>
      remakePictures(model, manifest, all),
    );
    const digest = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
    let [compared, different] = [0, 0];
    for (const [position, pixels] of made.entries()) {
      if (pixels === null || (await this.#keptFile(place, position)) === null) continue;
      compared++;
      if (digest((await this.pixels(id, position)).pixels) !== digest(pixels)) different++;
    }
    const explanation =
      compared === 0
        ? 'The single pictures of this gallery were not kept, so there is nothing to compare with.'
        : different === 0
          ? `All ${compared} generated pictures came out the same, bit for bit.`
          : `${different} of ${compared} pictures came out differently: the gallery was made by another program version or device.`;
    return { identical: compared > 0 && different === 0, compared, explanation };
  }

  /** Samples of latent vectors that nothing is kept of: for comparing runs and for trying seeds. */
  async sample(run: string, seed: number, index: number, temperature: number, size?: number): Promise<EncodedPicture> {
    const folder = await this.#runs.open(run);
    return this.#models.use(folder, async ({ model }) => {
      const { fingerprint, spec } = model.description;
      const key = (i: number): string => `${fingerprint} ${seed} ${i} ${temperature} ${size ?? ''}`;
      return this.#cache.get(key(index), async () => {
        // A whole block at once: its neighbours will be asked for next, and a full batch costs the same.
        const first = index - (index % 16);
        const block = Array.from({ length: 16 }, (_, i): GalleryPicture => ({
          kind: 'generated',
          latent: { kind: 'seed', seed, index: first + i, temperature },
        }));
        const made = await makePictures(model, block);
        const encoded = await Promise.all(
          made.map((pixels) =>
            encodePicture(
              { pixels: pixels ?? new Uint8Array(0), width: spec.size, height: spec.size, channels: spec.channels },
              size,
            ),
          ),
        );
        for (const [i, picture] of encoded.entries()) {
          if (first + i !== index) await this.#cache.get(key(first + i), () => Promise.resolve(picture));
        }
        const own = encoded[index - first];
        if (own === undefined) throw new CoreError('library/no-picture', `There is no picture ${index}.`);
        return own;
      });
    });
  }
}

async function madeBy({ runDir }: Place, { step, fingerprint }: GalleryManifest) {
  const run = await RunFolder.open(runDir);
  const name = `step-${String(step).padStart(8, '0')}-${fingerprint.slice(0, 8)}`;
  const graphs = path.dirname(await run.scoresPath(path.join('graphs', name, 'model.json')));
  return { runDir, graphs, step, fingerprint };
}
