/** Plans: which picture stands where and what it is made from, before anything is computed. */
import { createHash } from 'node:crypto';
import { toModelInput } from '../datasets/batches.ts';
import { CoreError } from '../errors.ts';
import { defaultBatchSize } from '../scoring/batches.ts';
import type { ScoringModel } from '../scoring/types.ts';
import { encodeLatent } from './latents.ts';
import type { GalleryPicture, LatentSource } from './manifest.ts';

/** A prepared picture that a gallery starts from: uint8 [size, size, channels]. */
export interface GalleryImage {
  readonly name: string;
  readonly pixels: Uint8Array;
}

export interface GalleryPlan {
  readonly columns: number;
  readonly pictures: readonly GalleryPicture[];
  /** Pixels of the `original` pictures by name. */
  readonly originals: ReadonlyMap<string, Uint8Array>;
}

/** About square, at most 16 wide. */
function squareColumns(count: number): number {
  return Math.min(16, Math.max(1, Math.ceil(Math.sqrt(count))));
}

/** `count` samples of the prior N(0, temperature^2 I). */
export function planSamples(options: {
  count: number;
  seed: number;
  temperature: number;
  columns?: number;
}): GalleryPlan {
  const { count, seed, temperature } = options;
  const pictures = Array.from({ length: count }, (_, index): GalleryPicture => ({
    kind: 'generated',
    latent: { kind: 'seed', seed, index, temperature },
  }));
  return { columns: options.columns ?? squareColumns(count), pictures, originals: new Map() };
}

/** Originals and their reconstructions g(mean of q(z|x)) side by side. */
export async function planReconstructions(
  model: ScoringModel,
  images: readonly GalleryImage[],
  columns?: number,
): Promise<GalleryPlan> {
  if (images.length === 0) {
    throw new CoreError('gallery/no-images', 'There are no images to reconstruct. Give a folder with --data.');
  }
  const latents = await inferLatents(model, images);
  const pictures = images.flatMap((image, i): GalleryPicture[] => [
    { kind: 'original', image: image.name, sha256: createHash('sha256').update(image.pixels).digest('hex') },
    { kind: 'generated', latent: latents[i] ?? missing(image.name) },
  ]);
  const wide = columns ?? 2 * Math.max(1, Math.min(8, Math.round(Math.sqrt(images.length / 2)) * 2));
  return { columns: wide, pictures, originals: new Map(images.map(({ name, pixels }) => [name, pixels])) };
}

export interface InterpolationEnds {
  readonly from: LatentSource;
  readonly to: LatentSource;
}

/** One row for each pair of ends, `steps` pictures from one end to the other, both included. */
export function planInterpolation(ends: readonly InterpolationEnds[], steps: number): GalleryPlan {
  const pictures = ends.flatMap(({ from, to }) =>
    Array.from({ length: steps }, (_, i): GalleryPicture => ({
      kind: 'between',
      from,
      to,
      t: steps === 1 ? 0 : i / (steps - 1),
    })),
  );
  return { columns: steps, pictures, originals: new Map() };
}

/** Means of q(z|x) as stored latent vectors, one for each image. */
export async function inferLatents(model: ScoringModel, images: readonly GalleryImage[]): Promise<LatentSource[]> {
  const { size, channels, latent } = model.description.spec;
  const length = size * size * channels;
  const batchSize = defaultBatchSize(size);
  const sources: LatentSource[] = [];
  for (let start = 0; start < images.length; start += batchSize) {
    const batch = new Float32Array(batchSize * length);
    const part = images.slice(start, start + batchSize);
    part.forEach(({ pixels }, i) => toModelInput(pixels, batch.subarray(i * length, (i + 1) * length)));
    const { mean } = await model.infer(batch, batchSize);
    part.forEach(({ name }, i) => {
      sources.push({ kind: 'stored', latent: encodeLatent(mean.slice(i * latent, (i + 1) * latent)), image: name });
    });
  }
  return sources;
}

function missing(name: string): never {
  throw new CoreError('internal/gallery', `No latent vector for ${name}. Please report this.`);
}
