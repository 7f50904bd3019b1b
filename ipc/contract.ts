/**
 * The one contract between any window and the core: channels with what is asked and answered, and the events. The renderer imports
 * types from here; hosts and the router also the schemas.
 */
import { z } from 'zod';
import { commonChannels, idSchema, jobSchema, jobKinds } from './contract/common.ts';
import { datasetChannels } from './contract/datasets.ts';
import { experimentChannels, experimentEvents } from './contract/experiments.ts';
import { galleryChannels } from './contract/gallery.ts';
import { runChannels } from './contract/runs.ts';
import { scoringChannels, scoringEvents } from './contract/scoring.ts';
import { settingsChannels, settingsEvents } from './contract/settings.ts';
import { trainingChannels, trainingEvents } from './contract/training.ts';

export type * from './contract/common.ts';
export type * from './contract/datasets.ts';
export type * from './contract/experiments.ts';
export type * from './contract/gallery.ts';
export type * from './contract/runs.ts';
export type * from './contract/scoring.ts';
export type * from './contract/settings.ts';
export type * from './contract/training.ts';

export const contract = {
  ...commonChannels,
  ...datasetChannels,
  ...experimentChannels,
  ...trainingChannels,
  ...runChannels,
  ...scoringChannels,
  ...galleryChannels,
  ...settingsChannels,
} as const;

/** Things that may have changed by another window, by training, or by a clean-up: ask again. */
export const changeKinds = ['datasets', 'runs', 'sessions', 'galleries', 'trash', 'storage', 'experiments'] as const;

const jobEnd = z.object({ job: idSchema, kind: z.enum(jobKinds), subject: z.string() });

export const eventSchemas = {
  ...trainingEvents,
  ...experimentEvents,
  ...scoringEvents,
  ...settingsEvents,
  'job.progress': jobSchema,
  /** `files`: what was written, if anything. */
  'job.finished': jobEnd.extend({ message: z.string(), files: z.array(z.string()) }),
  /** `code` is `cancelled` when the person cancelled it. */
  'job.failed': jobEnd.extend({ code: z.string(), message: z.string() }),
  'library.changed': z.object({ what: z.enum(changeKinds) }),
  /** Told by the host: the core process died, is started again, or runs (again). */
  'core.state': z.object({
    state: z.enum(['starting', 'running', 'died', 'gave-up']),
    /** A sentence for people; empty while all is well. */
    message: z.string(),
    restarts: z.int(),
    /** `desk` answers and scores, `training` trains: two processes, so that neither waits for the other nor takes it along. */
    part: z.enum(['desk', 'training']).optional(),
  }),
} as const;

export type Channel = keyof typeof contract;
/** What a caller gives: fields with defaults and optional ones may be left out. */
export type RequestOf<C extends Channel> = z.input<(typeof contract)[C]['request']>;
export type AnswerOf<C extends Channel> = z.output<(typeof contract)[C]['answer']>;
export type Api = { readonly [C in Channel]: (request: RequestOf<C>) => Promise<AnswerOf<C>> };

export type EventName = keyof typeof eventSchemas;
export type EventOf<E extends EventName> = z.output<(typeof eventSchemas)[E]>;
export type AppEvent = { readonly [E in EventName]: { readonly event: E; readonly payload: EventOf<E> } }[EventName];

export const channelNames = Object.keys(contract) as Channel[];
export const eventNames = Object.keys(eventSchemas) as EventName[];

/** Every answer travels in this: a thrown error would lose its code on the way. */
export type Envelope<T = unknown> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly code: string; readonly message: string };

/** What goes to the core, and what comes back, over a port, a pipe or a socket. */
export const callMessageSchema = z.strictObject({
  id: z.int().min(0),
  channel: z.enum(channelNames as [Channel, ...Channel[]]),
  request: z.unknown(),
});
export type CallMessage = { readonly id: number; readonly channel: Channel; readonly request: unknown };
export type AnswerMessage = { readonly id: number } & Envelope;
export type ServerMessage = AnswerMessage | AppEvent;
