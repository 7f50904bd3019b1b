/** The manifest beside every gallery: what each picture is made from, so that any of them can be made again, bit for bit. */
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { CoreError, messageOf } from '../errors.ts';

export type GalleryKind = 'samples' | 'reconstructions' | 'interpolation';

/** A latent vector: drawn from a seed, or stored as it is (base64 of float32, little-endian). */
export type LatentSource =
  | { readonly kind: 'seed'; readonly seed: number; readonly index: number; readonly temperature: number }
  | { readonly kind: 'stored'; readonly latent: string; readonly image: string };

/** One cell of the grid. */
export type GalleryPicture =
  | { readonly kind: 'generated'; readonly latent: LatentSource }
  | { readonly kind: 'between'; readonly from: LatentSource; readonly to: LatentSource; readonly t: number }
  | { readonly kind: 'original'; readonly image: string; readonly sha256: string };

export interface GalleryManifest {
  readonly formatVersion: 1;
  readonly kind: GalleryKind;
  readonly created: string;
  /** Id of the run, step of its checkpoint, fingerprint of the weights. */
  readonly run: string;
  readonly step: number;
  readonly weights: 'average' | 'last';
  readonly fingerprint: string;
  /** How a latent vector, or a chain where there is none, follows from a seed. */
  readonly latentRule: string;
  readonly columns: number;
  /** Row by row. */
  readonly pictures: readonly GalleryPicture[];
}

const latentSource = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('seed'), seed: z.int(), index: z.int().min(0), temperature: z.number() }),
  z.object({ kind: z.literal('stored'), latent: z.string(), image: z.string() }),
]);

const schema: z.ZodType<GalleryManifest> = z.looseObject({
  formatVersion: z.literal(1),
  kind: z.enum(['samples', 'reconstructions', 'interpolation']),
  created: z.string(),
  run: z.string(),
  step: z.int(),
  weights: z.enum(['average', 'last']),
  fingerprint: z.string(),
  latentRule: z.string(),
  columns: z.int().min(1),
  pictures: z.array(
    z.discriminatedUnion('kind', [
      z.object({ kind: z.literal('generated'), latent: latentSource }),
      z.object({ kind: z.literal('between'), from: latentSource, to: latentSource, t: z.number().min(0).max(1) }),
      z.object({ kind: z.literal('original'), image: z.string(), sha256: z.string() }),
    ]),
  ),
});

/** Reads a manifest. Throws `gallery/manifest` for a file that is none. */
export async function readGalleryManifest(file: string): Promise<GalleryManifest> {
  try {
    return schema.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch (error) {
    const text = `${file} is not the manifest of a gallery (${messageOf(error).slice(0, 120)}). Give the .json file beside a gallery's picture.`;
    throw new CoreError('gallery/manifest', text, { cause: error });
  }
}
