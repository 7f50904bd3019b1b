/** The whole of `triangle gallery`: a run and wishes in, a grid with its manifest out. */
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { openSource } from '../datasets/open.ts';
import { openPictures } from '../datasets/pictures.ts';
import { problemOf } from '../datasets/picture-problem.ts';
import { prepareImage } from '../datasets/preparation.ts';
import { isAnomalous } from '../datasets/split.ts';
import type { ImageSource, Preparation } from '../datasets/types.ts';
import { CoreError, throwIfCancelled } from '../errors.ts';
import { requireAbility } from '../objectives/capabilities.ts';
import { findObjective } from '../objectives/registry.ts';
import { Random } from '../random.ts';
import { writeFileAtomic } from '../runs/atomic.ts';
import type { RunFolder } from '../runs/run-folder.ts';
import { openRunModel, type RunModelOptions } from '../scoring/run-model.ts';
import type { ScoringModel } from '../scoring/types.ts';
import { remakePictures, writeGallery, type GalleryResult, type Watch } from './gallery.ts';
import { encodeSingle } from './grid.ts';
import { readGalleryManifest, type GalleryKind, type LatentSource } from './manifest.ts';
import {
  inferLatents,
  planInterpolation,
  planReconstructions,
  planSamples,
  type GalleryImage,
  type GalleryPlan,
} from './plan.ts';

export interface GalleryJob extends RunModelOptions, Watch {
  readonly run: RunFolder;
  readonly kind: GalleryKind;
  /** Pictures; for interpolations in rows of `steps`. */
  readonly count: number;
  readonly seed: number;
  /** PNG file; by default one in the run's `gallery` folder. */
  readonly out?: string | undefined;
  /** Standard deviation of the latent draws; 1 is the prior. */
  readonly temperature?: number | undefined;
  /** Folder for single pictures. */
  readonly singles?: string | undefined;
  readonly columns?: number | undefined;
  readonly enlarge?: number | undefined;
  /** Pictures to reconstruct; by default the run's own data. */
  readonly data?: string | undefined;
  /** Interpolation between these two pictures instead of between seeds. */
  readonly between?: readonly [from: string, to: string] | undefined;
  /** Interpolation between these two instead; wins over `between`. */
  readonly ends?: readonly [from: GalleryEnd, to: GalleryEnd] | undefined;
  /** Interpolation from samples of `seed` to those of this seed; by default the next one. */
  readonly toSeed?: number | undefined;
  /** Pictures from one end of an interpolation to the other. */
  readonly steps?: number | undefined;
}

/** One end of an interpolation: a draw, a picture file, or a picture of a dataset. */
export type GalleryEnd =
  | { readonly kind: 'seed'; readonly seed: number; readonly index: number; readonly temperature: number }
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'item'; readonly data: string; readonly index: number };

export async function makeGallery(job: GalleryJob): Promise<GalleryResult> {
  const { run, kind, seed } = job;
  const objective = findObjective(run.manifest.objective.name);
  requireAbility(objective, kind);
  const given = job.between !== undefined || job.ends?.some((end) => end.kind !== 'seed') === true;
  if (given) requireAbility(objective, 'inference');
  const model = await openRunModel(run, job);
  try {
    const plan = await planOf(job, model);
    const file = job.out ?? (await run.galleryPath(`${kind}-seed-${seed}.png`));
    const { singles, enlarge, signal, onProgress } = job;
    const watched = { signal, onProgress };
    return await writeGallery(model, { kind, plan, run: run.manifest.id, file, singles, enlarge, ...watched });
  } finally {
    await model.dispose();
  }
}

async function planOf(job: GalleryJob, model: ScoringModel): Promise<GalleryPlan> {
  const { kind, count, seed, temperature = 1, columns } = job;
  switch (kind) {
    case 'samples':
      return planSamples({ count, seed, temperature, ...(columns === undefined ? {} : { columns }) });
    case 'reconstructions':
      return planReconstructions(model, await drawImages(job, model.description.preparation), columns);
    case 'interpolation': {
      const steps = Math.max(2, job.steps ?? wholeRows(count));
      if (job.ends !== undefined) {
        const [from, to] = [await latentOfEnd(job.ends[0], model), await latentOfEnd(job.ends[1], model)];
        return planInterpolation([{ from, to }], steps);
      }
      if (job.between !== undefined) {
        const images = await preparedPictures(job.between, model.description.preparation);
        const [from, to] = await inferLatents(model, images);
        if (from === undefined || to === undefined) {
          throw new CoreError('gallery/ends', 'An interpolation needs two pictures. Give --from and --to.');
        }
        return planInterpolation([{ from, to }], steps);
      }
      const rows = Math.max(1, Math.round(count / steps));
      const end = (endSeed: number, index: number) => ({ kind: 'seed' as const, seed: endSeed, index, temperature });
      const ends = Array.from({ length: rows }, (_, row) => ({
        from: end(seed, row),
        to: end(job.toSeed ?? seed + 1, row),
      }));
      return planInterpolation(ends, steps);
    }
  }
}

async function latentOfEnd(end: GalleryEnd, model: ScoringModel): Promise<LatentSource> {
  if (end.kind === 'seed') return end;
  const { preparation } = model.description;
  let images: GalleryImage[];
  if (end.kind === 'file') images = await preparedPictures([end.path], preparation);
  else {
    const source = await openSource(end.data);
    try {
      const name = source.items[end.index]?.name ?? String(end.index);
      images = [{ name, pixels: await centreOf(source, end.index, preparation) }];
    } finally {
      await source.close();
    }
  }
  const [latent] = await inferLatents(model, images);
  if (latent === undefined) throw new CoreError('gallery/ends', 'An interpolation needs two pictures. Choose both.');
  return latent;
}

/** Steps a row so that `count` pictures fill whole rows, where a comfortable number does. */
function wholeRows(count: number): number {
  if (count <= 12) return count;
  return [10, 8, 9, 12, 11, 7, 6].find((steps) => count % steps === 0) ?? 10;
}

async function preparedPictures(files: readonly string[], preparation: Preparation): Promise<GalleryImage[]> {
  const images: GalleryImage[] = [];
  for (const file of files) {
    // One at a time: the same file may be given twice.
    const source = await openPictures([file]);
    try {
      images.push({ name: file, pixels: await centreOf(source, 0, preparation) });
    } finally {
      await source.close();
    }
  }
  return images;
}

/** The model input of a picture; with tiles the middle one. */
async function centreOf(source: ImageSource, index: number, preparation: Preparation): Promise<Uint8Array> {
  const { tiles } = await prepareImage(await source.read(index), preparation);
  return tiles[tiles.length >> 1] ?? new Uint8Array(0);
}

/** `count` pictures of the data in an order drawn from the seed: normal ones where labels say so, test pictures where there are any. */
async function drawImages(job: GalleryJob, preparation: Preparation): Promise<GalleryImage[]> {
  const { dataset } = job.run.manifest;
  const source = await openSource(job.data ?? dataset.source);
  try {
    const hasTest = source.items.some(({ split }) => split === 'test');
    const candidates = source.items.flatMap((item, index) => {
      const suits = (!hasTest || item.split === 'test') && isAnomalous(item, dataset.excludeLabels) !== true;
      return suits || job.data !== undefined ? [index] : [];
    });
    const images: GalleryImage[] = [];
    for (const index of Random.seeded(job.seed, 'reconstructions').shuffle(candidates)) {
      if (images.length === job.count) break;
      throwIfCancelled(job.signal);
      try {
        images.push({
          name: source.items[index]?.name ?? String(index),
          pixels: await centreOf(source, index, preparation),
        });
      } catch (error) {
        if (problemOf(error) === null) throw error;
      }
    }
    return images;
  } finally {
    await source.close();
  }
}

export interface RemakeJob extends RunModelOptions, Watch {
  readonly run: RunFolder;
  /** Manifest of the gallery. */
  readonly manifest: string;
  /** Positions in the gallery, counted from 0. */
  readonly pick: readonly number[];
  /** Folder for the pictures. */
  readonly out: string;
}

/** Makes single pictures of a gallery again; originals cannot be made, only generated pictures. Returns the files. */
export async function remakeGallery(job: RemakeJob): Promise<string[]> {
  const manifest = await readGalleryManifest(job.manifest);
  await mkdir(job.out, { recursive: true });
  const model = await openRunModel(job.run, { ...job, checkpoint: job.checkpoint ?? manifest.step });
  try {
    const { size, channels } = model.description.spec;
    const pictures = await remakePictures(model, manifest, job.pick, job);
    const files: string[] = [];
    for (const [i, pixels] of pictures.entries()) {
      const position = job.pick[i] ?? 0;
      if (pixels === null) {
        const text = `Picture ${position} is an original from the data, not a generated one.`;
        throw new CoreError('gallery/original', `${text} Choose another.`);
      }
      const file = path.join(job.out, `${manifest.kind}-${String(position).padStart(5, '0')}.png`);
      await writeFileAtomic(file, await encodeSingle(pixels, { size, channels, enlarge: 1 }));
      files.push(file);
    }
    return files;
  } finally {
    await model.dispose();
  }
}
