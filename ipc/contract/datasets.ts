/** Page 1: the datasets a person has shown to the app, what is in them, what is wrong with them. */
import { z } from 'zod';
import {
  idSchema,
  imageRefSchema,
  limitSchema,
  nothing,
  offsetSchema,
  pathSchema,
  startedJobSchema,
  type ChannelSchema,
} from './common.ts';

export const problemKinds = ['unreadable', 'truncated', 'empty', 'tiny', 'huge', 'duplicate', 'unsupported'] as const;
const problemKindSchema = z.enum(problemKinds);
export type ProblemKind = z.infer<typeof problemKindSchema>;

const splitSchema = z.enum(['train', 'test']).nullable();

export const datasetCardSchema = z.object({
  id: idSchema,
  /** Absolute path, or `builtin:<name>`. */
  source: z.string(),
  /** Last part of the path, or the built-in set's name. */
  name: z.string(),
  builtin: z.boolean(),
  /** One sentence: what was recognised when it was last opened, or what the built-in set shows; null when never opened. */
  description: z.string().nullable(),
  pictures: z.int().nullable(),
  /** True where the path is no longer there. */
  missing: z.boolean(),
  /** ISO 8601; null for built-in sets. */
  added: z.string().nullable(),
  /** Up to four thumbnails. */
  thumbnails: z.array(imageRefSchema),
  excluded: z.int(),
});
export type DatasetCard = z.infer<typeof datasetCardSchema>;

export const datasetLabelSchema = z.object({
  /** Null: pictures without a label. */
  label: z.string().nullable(),
  train: z.int(),
  test: z.int(),
  unsplit: z.int(),
  /** What the layout says of it; null where it says nothing. */
  anomalous: z.boolean().nullable(),
});

const side = z.tuple([z.number(), z.number()]);
export const datasetDetailsSchema = z.object({
  card: datasetCardSchema,
  format: z.string(),
  /** The layout in words: "MVTec layout: 209 good for training, 3 kinds of defect". */
  layout: z.string(),
  /** Two or three plain sentences: which pictures will be learnt as normal, what is missing, what to do. */
  explanation: z.string(),
  labels: z.array(datasetLabelSchema),
  counts: z.object({ train: z.int(), test: z.int(), unsplit: z.int(), masks: z.int() }),
  /** Pixels [width, height]; `exact` is false where they were estimated from a few pictures. Null where none can be read. */
  sizes: z
    .object({ min: side, median: side, max: side, grey: z.number(), colour: z.number(), exact: z.boolean() })
    .nullable(),
  /** After a check: how many problems of each kind; null before. */
  problems: z.partialRecord(problemKindSchema, z.int()).nullable(),
  /** Name of the preset that fits. */
  suggestedPreset: z.string(),
});
export type DatasetDetails = z.infer<typeof datasetDetailsSchema>;

export const datasetItemSchema = z.object({
  /** Position in the dataset, stable while its files do not change. */
  index: z.int(),
  name: z.string(),
  label: z.string().nullable(),
  split: splitSchema,
  anomalous: z.boolean().nullable(),
  hasMask: z.boolean(),
  excluded: z.boolean(),
  image: imageRefSchema,
});
export type DatasetItem = z.infer<typeof datasetItemSchema>;

export const datasetProblemSchema = z.object({
  name: z.string(),
  kind: problemKindSchema,
  /** A sentence with the remedy. */
  detail: z.string(),
  excluded: z.boolean(),
  /** Null where it cannot be shown. */
  image: imageRefSchema.nullable(),
  /** The picture that a duplicate equals, for showing side by side. */
  duplicateOf: z.object({ name: z.string(), image: imageRefSchema }).nullable(),
});
export type DatasetProblem = z.infer<typeof datasetProblemSchema>;

const dataset = { dataset: idSchema };

export const datasetChannels = {
  /** Built-in sets first, then the newest. */
  'datasets.list': { request: nothing, answer: z.array(datasetCardSchema) },
  /** Recognises a folder or file, remembers it, answers at once (nothing is decoded but a few pictures). */
  'datasets.open': { request: z.strictObject({ path: pathSchema }), answer: datasetDetailsSchema },
  /** Each folder and dataset file as a dataset of its own; all loose pictures together as one more, in a copy of the library's. */
  'datasets.openAll': {
    request: z.strictObject({ paths: z.array(pathSchema).min(1).max(100_000) }),
    answer: z.object({ datasets: z.array(datasetDetailsSchema).min(1) }),
  },
  'datasets.inspect': { request: z.strictObject(dataset), answer: datasetDetailsSchema },
  /** Decodes every picture, as a job (kind `check`, subject the dataset); then `datasets.problems` has the findings. */
  'datasets.check': { request: z.strictObject(dataset), answer: startedJobSchema },
  'datasets.problems': {
    request: z.strictObject({
      ...dataset,
      kind: problemKindSchema.optional(),
      offset: offsetSchema,
      limit: limitSchema,
    }),
    answer: z.object({
      checked: z.boolean(),
      total: z.int(),
      counts: z.partialRecord(problemKindSchema, z.int()),
      rows: z.array(datasetProblemSchema),
    }),
  },
  /** Leaves files out of training, or takes them in again. The files themselves are never touched. */
  'datasets.exclude': {
    request: z.strictObject({ ...dataset, names: z.array(z.string()).max(100_000), excluded: z.boolean() }),
    answer: z.object({ excluded: z.int() }),
  },
  /** Excludes every file with a problem of these kinds in one go; `names` are those that were not excluded before, for an undo. */
  'datasets.excludeProblems': {
    request: z.strictObject({ ...dataset, kinds: z.array(problemKindSchema) }),
    answer: z.object({ excluded: z.int(), names: z.array(z.string()) }),
  },
  /** A window of the thumbnail grid. */
  'datasets.items': {
    request: z.strictObject({
      ...dataset,
      offset: offsetSchema,
      limit: limitSchema,
      /** Only this label; null: those without one; absent: all. */
      label: z.string().nullable().optional(),
      split: z.enum(['train', 'test', 'none']).optional(),
      /** Only names that contain this. */
      search: z.string().max(200).optional(),
      only: z.enum(['excluded', 'included']).optional(),
    }),
    answer: z.object({ total: z.int(), rows: z.array(datasetItemSchema) }),
  },
  /** Takes it off the list; opening the path again is the undo. */
  'datasets.forget': { request: z.strictObject(dataset), answer: nothing },
} satisfies Record<string, ChannelSchema>;
