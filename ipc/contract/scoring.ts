/** Page 4: scoring sessions. Raw scores never change; thresholds and labels lie beside them. */
import { z } from 'zod';
import {
  idSchema,
  imageRefSchema,
  limitSchema,
  nearestSchema,
  nothing,
  offsetSchema,
  pathSchema,
  realSchema,
  scoreNameSchema,
  startedJobSchema,
  undoSchema,
  type ChannelSchema,
} from './common.ts';

export const thresholdRuleSchema = z.discriminatedUnion('kind', [
  /** Share of normal images that may be called anomalous, in (0, 1): 0.005 is 5 in 1,000. */
  z.strictObject({ kind: z.literal('false-alarms'), rate: z.number().gt(0).lt(1) }),
  z.strictObject({ kind: z.literal('best-f1') }),
  z.strictObject({ kind: z.literal('value'), value: z.number() }),
]);
export type ThresholdRule = z.infer<typeof thresholdRuleSchema>;

export const thresholdSchema = z.object({
  /** A picture is called anomalous when its score is ABOVE this. */
  value: z.number(),
  kind: z.enum(['false-alarms', 'best-f1', 'by-hand']),
  explanation: z.string(),
  /** Too few held-out normals for what was asked. */
  weak: z.boolean(),
});
export type Threshold = z.infer<typeof thresholdSchema>;

export const pictureLabels = ['normal', 'anomalous'] as const;
const labelSchema = z.enum(pictureLabels).nullable();
export type PictureLabel = z.infer<typeof labelSchema>;

export const labelCountsSchema = z.object({ normal: z.int(), anomalous: z.int(), unlabelled: z.int() });

export const mapScaleSchema = z.object({ low: z.number(), high: z.number() });

export const sessionSchema = z.object({
  id: idSchema,
  run: idSchema,
  runName: z.string(),
  created: z.string(),
  /** "Scores of bottles". */
  title: z.string(),
  inputs: z.array(z.string()),
  state: z.enum(['running', 'finished', 'cancelled', 'failed']),
  message: z.string().nullable(),
  /** Pictures found, scored, and not readable. */
  total: z.int(),
  scored: z.int(),
  skipped: z.int(),
  /** The scores that this model gives; `score` is the one that ranks. */
  scores: z.array(z.object({ name: scoreNameSchema, summary: z.string() })),
  score: scoreNameSchema,
  rule: thresholdRuleSchema,
  threshold: thresholdSchema.nullable(),
  anomalous: z.int(),
  labels: labelCountsSchema,
  heldOut: z.object({ count: z.int(), onTraining: z.boolean() }).nullable(),
  /** The fixed scale of the model's heatmaps and its colours from low to high (CSS), for the colour bar. */
  heatmap: z
    .object({ residual: mapScaleSchema, energy: mapScaleSchema.nullable(), colours: z.array(z.string()) })
    .nullable(),
});
export type Session = z.infer<typeof sessionSchema>;

export const scoreRowSchema = z.object({
  /** Identifies the picture in its session. */
  index: z.int(),
  name: z.string(),
  score: realSchema,
  /** By the session's threshold. */
  predicted: z.enum(pictureLabels),
  label: labelSchema,
  /** Thumbnail; add `&`-free size by `?size=`. */
  image: imageRefSchema,
});
export type ScoreRow = z.infer<typeof scoreRowSchema>;

export const resultFilterSchema = z.strictObject({
  predicted: z.enum(pictureLabels).optional(),
  label: z.enum(['normal', 'anomalous', 'unlabelled']).optional(),
  search: z.string().max(200).optional(),
});
export type ResultFilter = z.infer<typeof resultFilterSchema>;

export const confusionSchema = z.object({
  truePositives: z.int(),
  falsePositives: z.int(),
  trueNegatives: z.int(),
  falseNegatives: z.int(),
});

/** What a threshold does; quick enough to ask for at every move of the pointer. */
export const thresholdEffectSchema = z.object({
  threshold: thresholdSchema,
  above: z.int(),
  total: z.int(),
  heldOutAbove: z.int(),
  heldOutTotal: z.int(),
  /** Where labels exist. */
  confusion: confusionSchema.nullable(),
});
export type ThresholdEffect = z.infer<typeof thresholdEffectSchema>;

const qualitySchema = z.object({
  score: scoreNameSchema,
  image_AUROC: realSchema,
  image_AUPR: realSchema,
  image_F1Max: realSchema,
});
export const sessionMetricsSchema = z.object({
  labels: labelCountsSchema,
  /** Share of anomalous among the labelled: what a coin would reach in AUPR. */
  baseRate: realSchema,
  /** Null values without both kinds of label. One entry a score, the session's first. */
  scores: z.array(qualitySchema),
  confusion: confusionSchema.nullable(),
});
export type SessionMetrics = z.infer<typeof sessionMetricsSchema>;

export const pictureDetailSchema = z.object({
  index: z.int(),
  name: z.string(),
  /** Absolute path of the file; null inside containers and built-in sets. */
  path: z.string().nullable(),
  score: realSchema,
  predicted: z.enum(pictureLabels),
  label: labelSchema,
  tiles: z.int(),
  scores: z.array(
    z.object({
      name: scoreNameSchema,
      summary: z.string(),
      value: realSchema,
      /** Share of held-out normals with a lower score; null before calibration. */
      aboveHeldOut: z.number().nullable(),
    }),
  ),
  images: z.object({
    /** As it is stored. */
    original: imageRefSchema,
    /** As the model sees it: same geometry as the maps below. */
    prepared: imageRefSchema,
    /** Opaque heatmap on the model's fixed scale. */
    heatmap: imageRefSchema,
    /** Heatmap with transparency by its own strength, to be laid over `prepared`. */
    overlay: imageRefSchema,
    energyMap: imageRefSchema.nullable(),
    reconstruction: imageRefSchema,
    /** Ground truth where the dataset has it. */
    mask: imageRefSchema.nullable(),
  }),
});
export type PictureDetail = z.infer<typeof pictureDetailSchema>;

const session = { session: idSchema };
const items = z.array(z.int().min(0)).min(1).max(1_000_000);
const score = scoreNameSchema.optional();

export const scoringChannels = {
  /** Files, folders, container files, `builtin:…` or a dataset's source. The job (kind `score`) has the session as its subject. */
  'scoring.start': {
    request: z.strictObject({
      run: idSchema,
      inputs: z.array(pathSchema).min(1).max(10_000),
      score,
      rule: thresholdRuleSchema.optional(),
      title: z.string().max(200).optional(),
    }),
    answer: z.object({ session: idSchema, job: idSchema }),
  },
  /** Newest first; absent run: of all. */
  'scoring.sessions': { request: z.strictObject({ run: idSchema.optional() }), answer: z.array(sessionSchema) },
  'scoring.session': { request: z.strictObject(session), answer: sessionSchema },
  /** Chooses the ranking score and re-applies the threshold's rule to it. */
  'scoring.setScore': { request: z.strictObject({ ...session, score: scoreNameSchema }), answer: sessionSchema },
  /** A window of the sorted list; also while it streams. */
  'scoring.results': {
    request: z.strictObject({
      ...session,
      score,
      sort: z.enum(['most-anomalous', 'least-anomalous', 'name', 'input']),
      filter: resultFilterSchema.optional(),
      offset: offsetSchema,
      limit: limitSchema,
    }),
    answer: z.object({ total: z.int(), rows: z.array(scoreRowSchema) }),
  },
  /** All indices that a filter leaves, in order: for "select all". */
  'scoring.select': {
    request: z.strictObject({ ...session, filter: resultFilterSchema.optional() }),
    answer: z.object({ items: z.array(z.int()) }),
  },
  'scoring.skipped': {
    request: z.strictObject({ ...session, offset: offsetSchema, limit: limitSchema }),
    answer: z.object({ total: z.int(), rows: z.array(z.object({ name: z.string(), detail: z.string() })) }),
  },
  'scoring.histogram': {
    request: z.strictObject({ ...session, score, bins: z.int().min(5).max(500) }),
    answer: z.object({
      /** bins + 1 of them. */
      edges: z.array(z.number()),
      heldOut: z.array(z.int()),
      these: z.array(z.int()),
      /** Of these, those labelled anomalous. */
      labelledAnomalous: z.array(z.int()),
      /** Smallest and largest of both. */
      range: z.tuple([z.number(), z.number()]),
    }),
  },
  /** How many lie above each of `points` thresholds: enough to follow a dragged line without asking. */
  'scoring.curve': {
    request: z.strictObject({ ...session, score, points: z.int().min(10).max(5000) }),
    answer: z.object({ thresholds: z.array(z.number()), these: z.array(z.int()), heldOut: z.array(z.int()) }),
  },
  /** `keep`: store it in the session; without, only say what it would do. */
  'scoring.threshold': {
    request: z.strictObject({ ...session, rule: thresholdRuleSchema, keep: z.boolean() }),
    answer: thresholdEffectSchema,
  },
  /** Null takes the label away. */
  'scoring.label': {
    request: z.strictObject({ ...session, items, label: labelSchema }),
    answer: z.object({ labels: labelCountsSchema }),
  },
  'scoring.metrics': { request: z.strictObject(session), answer: sessionMetricsSchema },
  'scoring.picture': {
    request: z.strictObject({ ...session, index: z.int().min(0) }),
    answer: pictureDetailSchema,
  },
  /** The normal training images most like a picture; the first call for a run takes a while. */
  'scoring.nearest': {
    request: z.strictObject({ ...session, index: z.int().min(0), count: z.int().min(1).max(20) }),
    answer: z.array(nearestSchema),
  },
  /** Copies or moves files into a folder; existing names get a number. A move can be undone by `trash.restore`. */
  'scoring.transfer': {
    request: z.strictObject({ ...session, items, folder: pathSchema, how: z.enum(['copy', 'move']) }),
    answer: z.object({
      done: z.int(),
      failed: z.array(z.object({ name: z.string(), detail: z.string() })),
      undo: undoSchema.nullable(),
    }),
  },
  /** As a job (kind `export`). `path`: a file for csv, json and report, a folder for heatmaps. `items` absent: all. */
  'scoring.export': {
    request: z.strictObject({
      ...session,
      what: z.enum(['csv', 'json', 'heatmaps', 'report']),
      path: pathSchema,
      items: items.optional(),
    }),
    answer: startedJobSchema,
  },
  'scoring.rename': {
    request: z.strictObject({ ...session, title: z.string().trim().min(1).max(200) }),
    answer: nothing,
  },
  'scoring.delete': { request: z.strictObject(session), answer: undoSchema },
} satisfies Record<string, ChannelSchema>;

export const scoringEvents = {
  /** While it streams, at most five times a second: counts, and the new rows that belong to the most anomalous. */
  'scoring.progress': z.object({
    session: idSchema,
    total: z.int(),
    scored: z.int(),
    skipped: z.int(),
    anomalous: z.int(),
    labels: labelCountsSchema,
    secondsLeft: z.number().nullable(),
    /** At most 50, most anomalous first. */
    rows: z.array(scoreRowSchema),
  }),
  /** State, score, threshold, labels or title changed. */
  'scoring.session': sessionSchema,
} satisfies Record<string, z.ZodType>;
