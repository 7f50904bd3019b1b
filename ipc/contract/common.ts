/** What several pages share: ids, image references, jobs, the shape of a channel. Plain data, JSON-safe but for NaN, which is null. */
import { z } from 'zod';
import { scoreNames, type ScoreName } from '../../core/score-names.ts';

/** One channel of the contract: what is asked and what is answered. */
export interface ChannelSchema {
  readonly request: z.ZodType;
  readonly answer: z.ZodType;
}

/** Ids are opaque, short, and safe in a path: a hash of the path for datasets and runs, drawn at random for the rest. */
export const idSchema = z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/, 'not an id');

/**
 * The path of a picture, such as `/image/run/<id>/samples/42`. Pictures never travel in answers: a host turns the reference into
 * a URL (`app://bundle` + reference, or the browser host's own address) and `ipc/resources.ts` answers it. Query
 * `size=<16..1024>` asks for a thumbnail whose longer side is at most so many pixels.
 */
export const imageRefSchema = z.string().startsWith('/image/').max(500);
export type ImageRef = z.infer<typeof imageRefSchema>;

/** An absolute path on the machine of the core, `builtin:<name>`, or what a person typed. */
export const pathSchema = z.string().min(1).max(4096);

export const nothing = z.strictObject({});

/** A number that may not be finite (a diverged loss); null stands for NaN. */
export const realSchema = z.number().nullable();

export const offsetSchema = z.int().min(0);
export const limitSchema = z.int().min(1).max(1000);

export const progressSchema = z.object({
  done: z.number(),
  total: z.number(),
  /** Null until there is something to go by. */
  secondsLeft: z.number().nullable(),
});
export type Progress = z.infer<typeof progressSchema>;

export const jobKinds = ['check', 'score', 'export', 'gallery', 'self-test', 'export-model', 'nearest'] as const;

/** A long job that was started by a call; its end is told by the events `job.finished` and `job.failed`. */
export const jobSchema = z.object({
  job: idSchema,
  kind: z.enum(jobKinds),
  /** In words: "Scoring", "Calibrating". */
  stage: z.string(),
  /** The dataset, run or session it works for. */
  subject: z.string(),
  progress: progressSchema.nullable(),
});
export type Job = z.infer<typeof jobSchema>;
export const startedJobSchema = z.object({ job: idSchema });

/** Something that can be undone: pass `undo` to `trash.restore`. `what` is a sentence for the notice. */
export const undoSchema = z.object({ undo: idSchema, what: z.string() });
export type Undo = z.infer<typeof undoSchema>;

export const scoreNameSchema = z.enum(scoreNames);
export type { ScoreName };

export const deviceInfoSchema = z.object({
  name: z.string(),
  description: z.string(),
  /** The adapter's own name; null for CPUs. */
  adapter: z.string().nullable(),
  reason: z.string(),
});
export type DeviceInfo = z.infer<typeof deviceInfoSchema>;

export const nearestSchema = z.object({
  name: z.string(),
  image: imageRefSchema,
  /** The order of the list: Euclidean distance of the inferred means, or of the critic's features where nothing is inferred. */
  distance: z.number(),
  space: z.enum(['latent', 'features']),
  /** Root mean squared difference of pixels in [-1, 1]. */
  pixelDistance: z.number(),
});
/** Training images closest to a picture. */
export type Nearest = z.infer<typeof nearestSchema>;

export const commonChannels = {
  'jobs.list': { request: nothing, answer: z.array(jobSchema) },
  'jobs.cancel': { request: z.strictObject({ job: idSchema }), answer: nothing },
} satisfies Record<string, ChannelSchema>;
