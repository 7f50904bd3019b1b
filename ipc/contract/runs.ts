/** Page 3: the collection of runs, their charts, differences, samples side by side; and what was deleted. */
import { z } from 'zod';
import {
  deviceInfoSchema,
  idSchema,
  imageRefSchema,
  nothing,
  pathSchema,
  realSchema,
  startedJobSchema,
  undoSchema,
  type ChannelSchema,
} from './common.ts';
import { metricsRowSchema, trainingFormSchema } from './training.ts';

export const runStates = ['new', 'running', 'stopped', 'finished', 'failed'] as const;

const reason = z.string().nullable();

/** Why models of a run's objective lack an ability, in a sentence that ends with what to do; null where they have it. */
export const lacksSchema = z.object({
  samples: reason,
  /** Between drawn pictures. */
  interpolation: reason,
  reconstructions: reason,
  /** Latent vectors of given pictures. */
  inference: reason,
});
export type Lacks = z.infer<typeof lacksSchema>;

export const runCardSchema = z.object({
  id: idSchema,
  name: z.string(),
  created: z.string(),
  state: z.enum(runStates),
  /** Of a failed or stopped run. */
  message: z.string().nullable(),
  objective: z.string(),
  dataset: z.object({
    /** Null where the app does not know the dataset (any more). */
    id: idSchema.nullable(),
    name: z.string(),
    source: z.string(),
    images: z.int(),
    excludeLabels: z.array(z.string()),
  }),
  nets: z.object({ size: z.int(), channels: z.int(), width: z.int(), latent: z.int() }),
  seed: z.int(),
  step: z.int(),
  steps: z.int(),
  device: deviceInfoSchema,
  /** Latest values, for columns: reconstruction, gap, validation metrics. */
  metrics: metricsRowSchema,
  best: z.object({ step: z.int(), metric: z.string(), value: z.number() }).nullable(),
  tags: z.array(z.string()),
  /** Newest grid of samples. */
  image: imageRefSchema.nullable(),
  /** Whether it has a checkpoint, so that it can score and generate. */
  usable: z.boolean(),
  lacks: lacksSchema,
  folder: z.string(),
});
export type RunCard = z.infer<typeof runCardSchema>;

export const runDetailsSchema = z.object({
  card: runCardSchema,
  /** In order, with labels for people. */
  settings: z.array(z.object({ key: z.string(), label: z.string(), value: z.string() })),
  checkpoints: z.array(z.int()),
  /** Steps of the kept grids, ascending: one slider over all of them. Picture: `/image/run/<id>/<samples|reconstructions>/<step>`. */
  samples: z.array(z.int()),
  reconstructions: z.array(z.int()),
  counts: z.object({ train: z.int(), heldOut: z.int(), validation: z.int(), skipped: z.int() }),
  scores: z.array(z.object({ name: z.string(), summary: z.string(), default: z.boolean() })),
  /** Held-out normals behind thresholds; null before calibration. */
  calibratedOn: z.int().nullable(),
  fingerprint: z.string(),
});
export type RunDetails = z.infer<typeof runDetailsSchema>;

export const seriesSchema = z.object({
  name: z.string(),
  steps: z.array(z.number()),
  values: z.array(realSchema),
});
export type Series = z.infer<typeof seriesSchema>;

export const trashEntrySchema = z.object({
  id: idSchema,
  kind: z.enum(['run', 'session', 'gallery', 'pictures', 'move', 'experiment']),
  name: z.string(),
  deleted: z.string(),
  bytes: z.number(),
});
export type TrashEntry = z.infer<typeof trashEntrySchema>;

const run = z.strictObject({ run: idSchema });
const runs = z.array(idSchema).min(1).max(1000);

export const runChannels = {
  /** Newest first. */
  'runs.list': { request: nothing, answer: z.array(runCardSchema) },
  'runs.get': { request: run, answer: runDetailsSchema },
  /** Series thinned so that each keeps its smallest and largest value in every bucket; `names` absent: all. */
  'runs.metrics': {
    request: z.strictObject({
      run: idSchema,
      maxPoints: z.int().min(10).max(20_000),
      names: z.array(z.string()).optional(),
      fromStep: z.number().optional(),
      toStep: z.number().optional(),
    }),
    answer: z.object({ records: z.int(), lastStep: z.int(), series: z.array(seriesSchema) }),
  },
  'runs.rename': {
    request: z.strictObject({ run: idSchema, name: z.string().trim().min(1).max(120) }),
    answer: nothing,
  },
  'runs.tag': {
    request: z.strictObject({ run: idSchema, tags: z.array(z.string().max(40)).max(20) }),
    answer: nothing,
  },
  /** Shows a run folder that lies elsewhere (trained by the command line) in the collection. */
  'runs.add': { request: z.strictObject({ path: pathSchema }), answer: runCardSchema },
  /** Into the app's trash; a run folder that lies elsewhere is only taken off the list. */
  'runs.delete': { request: z.strictObject({ runs }), answer: undoSchema },
  'runs.difference': {
    request: z.strictObject({ runs }),
    /** `values` in the order asked for. */
    answer: z.array(
      z.object({ key: z.string(), label: z.string(), values: z.array(z.string()), differs: z.boolean() }),
    ),
  },
  /** Values for the training form; `dataset` is remembered again if it was forgotten. */
  'runs.duplicate': { request: run, answer: z.object({ dataset: idSchema, form: trainingFormSchema }) },
  /** Queues a run with the same settings, seed, data and device. */
  'runs.reproduce': { request: run, answer: z.object({ run: idSchema }) },
  /** Compares the weights of a run with those of the run that it reproduces, at the last step both have. */
  'runs.verify': {
    request: z.strictObject({ run: idSchema, original: idSchema.optional() }),
    answer: z.object({
      verdict: z.enum(['identical', 'different', 'not-comparable']),
      step: z.int().nullable(),
      explanation: z.string(),
    }),
  },
  /** Pictures of the same latent vectors by several runs. Also for a live preview: any seed, without saving anything. */
  'runs.samples': {
    request: z.strictObject({
      runs,
      seed: z.int().min(0),
      count: z.int().min(1).max(64),
      temperature: z.number().min(0).max(5),
    }),
    answer: z.array(z.object({ run: idSchema, images: z.array(imageRefSchema), error: z.string().nullable() })),
  },
  /** The networks as ONNX into a folder, as a job. */
  'runs.export': { request: z.strictObject({ run: idSchema, folder: pathSchema }), answer: startedJobSchema },

  'trash.list': { request: nothing, answer: z.array(trashEntrySchema) },
  /** The undo of every deletion and move. */
  'trash.restore': { request: z.strictObject({ undo: idSchema }), answer: z.object({ what: z.string() }) },
  /** For good. Absent ids: everything. */
  'trash.purge': {
    request: z.strictObject({ ids: z.array(idSchema).optional() }),
    answer: z.object({ freedBytes: z.number() }),
  },
} satisfies Record<string, ChannelSchema>;
