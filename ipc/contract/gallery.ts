/** Page 5: generated pictures of every run, each with all that makes it again bit for bit. */
import { z } from 'zod';
import {
  idSchema,
  imageRefSchema,
  limitSchema,
  nearestSchema,
  offsetSchema,
  pathSchema,
  undoSchema,
  type ChannelSchema,
} from './common.ts';

const seed = z.int().min(0).max(0xffff_ffff);
const temperature = z.number().min(0).max(5);

/** One end of an interpolation. */
export const galleryEndSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('seed'), seed, index: z.int().min(0), temperature }),
  z.strictObject({ kind: z.literal('file'), path: pathSchema }),
  z.strictObject({ kind: z.literal('item'), dataset: idSchema, index: z.int().min(0) }),
]);
export type GalleryEnd = z.infer<typeof galleryEndSchema>;

export const galleryWishSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('samples'), seed, temperature, count: z.int().min(1).max(1024) }),
  /** `data` absent: the run's own, pictures that it was not trained on where there are any. */
  z.strictObject({
    kind: z.literal('reconstructions'),
    seed,
    count: z.int().min(1).max(256),
    data: pathSchema.optional(),
  }),
  z.strictObject({
    kind: z.literal('interpolation'),
    from: galleryEndSchema,
    to: galleryEndSchema,
    steps: z.int().min(2).max(121),
  }),
]);
export type GalleryWish = z.infer<typeof galleryWishSchema>;

export const galleryCardSchema = z.object({
  id: idSchema,
  run: idSchema,
  runName: z.string(),
  kind: z.enum(['samples', 'reconstructions', 'interpolation']),
  created: z.string(),
  /** "64 samples, seed 7, temperature 0.8". */
  title: z.string(),
  /** Null where the latent vectors are of pictures. */
  seed: z.int().nullable(),
  temperature: z.number().nullable(),
  count: z.int(),
  columns: z.int(),
  step: z.int(),
  /** The whole grid. */
  image: imageRefSchema,
});
export type GalleryCard = z.infer<typeof galleryCardSchema>;

export const galleryItemIdSchema = z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}\/\d{1,6}$/, 'not a picture of a gallery');

export const galleryItemSchema = z.object({
  /** `<gallery>/<position>`. */
  id: galleryItemIdSchema,
  gallery: idSchema,
  run: idSchema,
  position: z.int(),
  kind: z.enum(['generated', 'between', 'original']),
  image: imageRefSchema,
  /** "seed 7, number 12", "between two pictures, 40 %", or the file's name. */
  caption: z.string(),
  seed: z.int().nullable(),
  index: z.int().nullable(),
  temperature: z.number().nullable(),
  /** Position between the ends. */
  t: z.number().nullable(),
  favourite: z.boolean(),
});
export type GalleryItem = z.infer<typeof galleryItemSchema>;

const itemIds = z.array(galleryItemIdSchema).min(1).max(10_000);

export const galleryChannels = {
  /** Makes and keeps a gallery; as a job of kind `gallery` whose subject is the gallery's id. */
  'gallery.make': {
    request: z.strictObject({ run: idSchema, wish: galleryWishSchema }),
    answer: z.object({ gallery: idSchema, job: idSchema }),
  },
  /** Newest first. */
  'gallery.list': { request: z.strictObject({ run: idSchema.optional() }), answer: z.array(galleryCardSchema) },
  /** Pictures of one gallery, of one run, or of all, newest gallery first. */
  'gallery.items': {
    request: z.strictObject({
      gallery: idSchema.optional(),
      run: idSchema.optional(),
      favourites: z.boolean().optional(),
      offset: offsetSchema,
      limit: limitSchema,
    }),
    answer: z.object({ total: z.int(), rows: z.array(galleryItemSchema) }),
  },
  'gallery.favourite': {
    request: z.strictObject({ items: itemIds, favourite: z.boolean() }),
    answer: z.object({ favourites: z.int() }),
  },
  'gallery.delete': { request: z.strictObject({ galleries: z.array(idSchema).min(1).max(1000) }), answer: undoSchema },
  /** Single pictures; their gallery and its manifest stay. */
  'gallery.deleteItems': { request: z.strictObject({ items: itemIds }), answer: undoSchema },
  /** PNG files, each picture as it is or enlarged, and one manifest, into a folder. */
  'gallery.export': {
    request: z.strictObject({ items: itemIds, folder: pathSchema, enlarge: z.int().min(1).max(16) }),
    answer: z.object({ files: z.array(z.string()), manifest: z.string() }),
  },
  /** Makes a gallery again from its manifest and compares every byte. */
  'gallery.verify': {
    request: z.strictObject({ gallery: idSchema }),
    answer: z.object({ identical: z.boolean(), compared: z.int(), explanation: z.string() }),
  },
  /** Does the model copy? The training images most like a picture. */
  'gallery.nearest': {
    request: z.strictObject({ item: galleryItemIdSchema, count: z.int().min(1).max(20) }),
    answer: z.array(nearestSchema),
  },
  /** A run that can generate, and a wish for it. `run` absent: any. */
  'gallery.surprise': {
    request: z.strictObject({ run: idSchema.optional() }),
    answer: z.object({ run: idSchema, wish: galleryWishSchema }),
  },
} satisfies Record<string, ChannelSchema>;
