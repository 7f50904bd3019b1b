/** Page 2: settings as data, an estimate, a queue of runs, and what a running one tells. */
import { z } from 'zod';
import {
  deviceInfoSchema,
  idSchema,
  imageRefSchema,
  nothing,
  progressSchema,
  realSchema,
  type ChannelSchema,
} from './common.ts';

export const fieldValueSchema = z.union([z.number(), z.string(), z.boolean(), z.array(z.string())]).nullable();
/** Null: left to the program, as for `device: auto` or a clip that is off. */
export type FieldValue = z.infer<typeof fieldValueSchema>;

export const formValuesSchema = z.record(z.string(), fieldValueSchema);
/** By the key of each field. Absent keys take the default. */
export type FormValues = z.infer<typeof formValuesSchema>;

export const fieldSchema = z.object({
  key: z.string(),
  label: z.string(),
  /** One sentence. */
  help: z.string(),
  /** `labels`: several of `choices`. */
  kind: z.enum(['integer', 'number', 'choice', 'switch', 'text', 'labels']),
  group: z.enum(['main', 'more']),
  /** Of numbers. */
  min: z.number().nullable(),
  max: z.number().nullable(),
  /** A sensible step of a slider or spin button; for `scale: log` a factor. */
  step: z.number().nullable(),
  scale: z.enum(['linear', 'log']),
  unit: z.string().nullable(),
  choices: z.array(z.object({ value: z.string(), label: z.string(), help: z.string() })),
  /** Whether it may be left empty (null). */
  optional: z.boolean(),
  default: fieldValueSchema,
});
export type Field = z.infer<typeof fieldSchema>;

export const trainingFormSchema = z.object({
  presets: z.array(
    z.object({
      name: z.string(),
      summary: z.string(),
      suggested: z.boolean(),
      /** The method that it recommends; null: none, so the paper's own. */
      objective: z.string().nullable(),
    }),
  ),
  preset: z.string(),
  fields: z.array(fieldSchema),
  /** Values to begin with: the defaults, or those of the run that is duplicated. */
  values: formValuesSchema,
  /** A free name that fits. */
  name: z.string(),
});
export type TrainingForm = z.infer<typeof trainingFormSchema>;

export const estimateSchema = z.object({
  steps: z.int(),
  images: z.int(),
  /** Pictures (or tiles) that are kept from training for thresholds. */
  heldOut: z.int(),
  seconds: z.number().nullable(),
  /** Least and most that is likely. */
  secondsRange: z.tuple([z.number(), z.number()]).nullable(),
  memoryBytes: z.number(),
  diskBytes: z.number(),
  device: deviceInfoSchema,
  /** `measured`: from steps made here with these very settings; `remembered`: from an earlier run; `model`: counted operations. */
  basis: z.enum(['measured', 'remembered', 'model']),
  /** One sentence: how it came about and how exact it is. */
  explanation: z.string(),
  /** Sentences: not enough memory, too few pictures, a software adapter, … */
  warnings: z.array(z.string()),
});
export type Estimate = z.infer<typeof estimateSchema>;

export const trainingStates = [
  'queued',
  'preparing',
  'running',
  'paused',
  'calibrating',
  'stopping',
  'stopped',
  'finished',
  'failed',
] as const;
export const trainingStatusSchema = z.object({
  run: idSchema,
  name: z.string(),
  dataset: z.string(),
  state: z.enum(trainingStates),
  step: z.int(),
  steps: z.int(),
  stepsPerEpoch: z.number().nullable(),
  secondsLeft: z.number().nullable(),
  /** Of preparing and calibrating. */
  progress: progressSchema.nullable(),
  device: deviceInfoSchema.nullable(),
  /** Of a failure: its code and a sentence that ends with the remedy. */
  code: z.string().nullable(),
  message: z.string().nullable(),
});
export type TrainingStatus = z.infer<typeof trainingStatusSchema>;

export const metricsRowSchema = z.record(z.string(), realSchema);
/** Always has `step`; else `energyData`, `energySamples`, `gap`, `reconstruction`, `kl`, `gradientNorm_<network>`, `imagesPerSecond`, `epoch`, `validation_<score>_AUROC`, … */
export type MetricsRow = z.infer<typeof metricsRowSchema>;

const run = z.strictObject({ run: idSchema });

export const trainingChannels = {
  /**
   * The form for a dataset; `preset` defaults to what fits, `objective` to what the preset recommends; `from` takes the values of a run
   * ("duplicate with changes").
   */
  'training.form': {
    request: z.strictObject({
      dataset: idSchema,
      preset: z.string().optional(),
      objective: z.string().optional(),
      from: idSchema.optional(),
    }),
    answer: trainingFormSchema,
  },
  /** `measure` makes a few steps for real (seconds to a minute); without it the answer comes at once. */
  'training.estimate': {
    request: z.strictObject({ dataset: idSchema, preset: z.string(), values: formValuesSchema, measure: z.boolean() }),
    answer: estimateSchema,
  },
  /** Puts a run into the queue; it begins when those before it are through. */
  'training.start': {
    request: z.strictObject({
      dataset: idSchema,
      preset: z.string(),
      values: formValuesSchema,
      name: z.string().trim().min(1).max(120),
    }),
    answer: z.object({ run: idSchema }),
  },
  'training.pause': { request: run, answer: nothing },
  /** Ends a pause; puts a stopped or failed run back into the queue, to go on from its last checkpoint. */
  'training.resume': {
    request: z.strictObject({ run: idSchema, epochs: z.number().positive().optional() }),
    answer: nothing,
  },
  /** Saves and ends; can be resumed. */
  'training.stop': { request: run, answer: nothing },
  /** Saves, ends, calibrates: the run counts as finished with the steps it has. Also of a run that was stopped before. */
  'training.keepAsIs': { request: run, answer: nothing },
  /** The one that trains first, then those that wait, in order. */
  'training.queue': { request: nothing, answer: z.array(trainingStatusSchema) },
  'training.reorder': { request: z.strictObject({ runs: z.array(idSchema) }), answer: nothing },
  /** Takes a waiting run out of the queue. */
  'training.remove': { request: run, answer: nothing },
} satisfies Record<string, ChannelSchema>;

export const trainingEvents = {
  /** Any change of state, and at most four times a second while preparing or calibrating. */
  'training.state': trainingStatusSchema,
  'training.queue': z.object({ queue: z.array(trainingStatusSchema) }),
  /** Steps since the last event, at most ten events a second; every step is in it. */
  'training.metrics': z.object({
    run: idSchema,
    step: z.int(),
    steps: z.int(),
    secondsLeft: z.number().nullable(),
    rows: z.array(metricsRowSchema),
  }),
  'training.samples': z.object({
    run: idSchema,
    step: z.int(),
    content: z.enum(['samples', 'reconstructions']),
    image: imageRefSchema,
  }),
  'training.validated': z.object({
    run: idSchema,
    step: z.int(),
    metrics: metricsRowSchema,
    best: z.boolean(),
  }),
  'training.checkpoint': z.object({ run: idSchema, step: z.int() }),
} satisfies Record<string, z.ZodType>;
