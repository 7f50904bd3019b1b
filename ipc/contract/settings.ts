/** Page 6 and what belongs to the app as a whole. */
import { z } from 'zod';
import { deviceInfoSchema, idSchema, nothing, pathSchema, startedJobSchema, type ChannelSchema } from './common.ts';
import { formValuesSchema, trainingStatusSchema } from './training.ts';

export const settingsSchema = z.object({
  /** `auto` or a device's name: what new runs take. */
  device: z.string(),
  /** Null: all of the machine's. */
  threads: z.int().min(1).max(1024).nullable(),
  appearance: z.enum(['system', 'light', 'dark']),
  cacheLimitBytes: z.number().min(0),
  /** Whether the first tour was finished or put aside. */
  tourDone: z.boolean(),
  /** Half-life in steps of the smoothed line in charts; 0: none. */
  chartSmoothing: z.number().min(0).max(10_000),
  chartLogScale: z.boolean(),
});
export type Settings = z.infer<typeof settingsSchema>;

export const deviceReportSchema = z.object({
  name: z.string(),
  available: z.boolean(),
  adapter: z.string().nullable(),
  software: z.boolean(),
  gpu: z.boolean(),
  description: z.string(),
  why: z.string().nullable(),
  missing: z.array(z.string()),
  remedy: z.string().nullable(),
});
export type DeviceReport = z.infer<typeof deviceReportSchema>;

export const selfTestSchema = z.object({
  device: z.string(),
  passed: z.boolean(),
  /** Of a few training steps; null where it failed. */
  stepsPerSecond: z.number().nullable(),
  detail: z.string(),
});
export type SelfTest = z.infer<typeof selfTestSchema>;

export const runPartsSchema = z.object({
  checkpoints: z.number(),
  samples: z.number(),
  scores: z.number(),
  gallery: z.number(),
  other: z.number(),
});
export const storageSchema = z.object({
  runs: z.array(z.object({ run: idSchema, name: z.string(), bytes: z.number(), parts: runPartsSchema })),
  sessionBytes: z.number(),
  /** Copies of dropped pictures. */
  uploadBytes: z.number(),
  cacheBytes: z.number(),
  trashBytes: z.number(),
  freeBytes: z.number().nullable(),
});
export type Storage = z.infer<typeof storageSchema>;

export const cleanUpSchema = z.discriminatedUnion('what', [
  z.strictObject({ what: z.literal('cache') }),
  z.strictObject({ what: z.literal('trash') }),
  /** Copies of dropped pictures that no dataset, run or session speaks of. */
  z.strictObject({ what: z.literal('uploads') }),
  /** All but the newest checkpoint and the best one. */
  z.strictObject({ what: z.literal('checkpoints'), run: idSchema }),
  /** All but the first, the last and every tenth of the grids. */
  z.strictObject({ what: z.literal('samples'), run: idSchema }),
  /** Exported graphs and heatmaps that can be made again. */
  z.strictObject({ what: z.literal('derived'), run: idSchema }),
]);

export const folderEntrySchema = z.object({
  name: z.string(),
  path: z.string(),
  kind: z.enum(['folder', 'picture', 'dataset', 'file']),
  bytes: z.number().nullable(),
});

export const settingsChannels = {
  'settings.get': { request: nothing, answer: settingsSchema },
  'settings.set': { request: settingsSchema.partial().strict(), answer: settingsSchema },
  /** Takes about a second; `auto` is what would be taken and why. */
  'settings.devices': {
    request: nothing,
    answer: z.object({ devices: z.array(deviceReportSchema), auto: deviceInfoSchema.nullable() }),
  },
  /** As a job (kind `self-test`); each device's result comes as the event `settings.selfTest`. */
  'settings.selfTest': { request: z.strictObject({ device: z.string().optional() }), answer: startedJobSchema },
  'settings.folders': {
    request: nothing,
    answer: z.object({ library: z.string(), runs: z.string(), cache: z.string(), trash: z.string(), logs: z.string() }),
  },
  'settings.storage': { request: nothing, answer: storageSchema },
  'settings.cleanUp': { request: cleanUpSchema, answer: z.object({ freedBytes: z.number() }) },
  /** Newest lines last. */
  'settings.logs': {
    request: z.strictObject({ lines: z.int().min(1).max(5000) }),
    answer: z.object({ file: z.string(), lines: z.array(z.string()) }),
  },
  /** Text for a bug report: versions, devices, counts, last errors; no picture content, no names of files or people. */
  'settings.diagnostics': { request: nothing, answer: z.object({ text: z.string() }) },

  'app.state': {
    request: nothing,
    answer: z.object({
      version: z.string(),
      versions: z.record(z.string(), z.string()),
      platform: z.string(),
      device: deviceInfoSchema.nullable(),
      firstStart: z.boolean(),
      training: trainingStatusSchema.nullable(),
      /** Newest first, at most ten. */
      recentRuns: z.array(z.object({ run: idSchema, name: z.string() })),
    }),
  },
  /** What the tour trains and scores: the quick preset on a built-in set, and a folder with planted anomalies that this call makes. */
  'app.tour': {
    request: nothing,
    answer: z.object({
      dataset: idSchema,
      preset: z.string(),
      values: formValuesSchema,
      name: z.string(),
      scoreInputs: z.array(z.string()),
    }),
  },
  /** The folders of the core's machine, for hosts without dialogs. Null: the person's home. */
  'app.listFolder': {
    request: z.strictObject({ path: pathSchema.nullable(), files: z.boolean() }),
    answer: z.object({
      path: z.string(),
      parent: z.string().nullable(),
      places: z.array(z.object({ name: z.string(), path: z.string() })),
      entries: z.array(folderEntrySchema),
      /** True where only the first thousands are listed. */
      more: z.boolean(),
    }),
  },
  'app.makeFolder': { request: z.strictObject({ path: pathSchema }), answer: z.object({ path: z.string() }) },
} satisfies Record<string, ChannelSchema>;

export const settingsEvents = {
  'settings.changed': settingsSchema,
  'settings.selfTest': selfTestSchema,
} satisfies Record<string, z.ZodType>;
