/** The contract onto the core's door: parses what came, calls the handler, answers an envelope. Never throws, whatever comes. */
import { CoreError, messageOf, type ExperimentQueue, type Library, type TrainingQueue } from '../core/index.ts';
import {
  callMessageSchema,
  contract,
  type AnswerMessage,
  type Api,
  type AppEvent,
  type Channel,
  type Envelope,
} from './contract.ts';
import type { Context } from './handlers/context.ts';
import { datasetHandlers } from './handlers/datasets.ts';
import { experimentHandlers } from './handlers/experiments.ts';
import { galleryHandlers } from './handlers/gallery.ts';
import { runHandlers } from './handlers/runs.ts';
import { scoringHandlers } from './handlers/scoring.ts';
import { settingsHandlers } from './handlers/settings.ts';
import { trainingHandlers } from './handlers/training.ts';
import { JobBoard } from './jobs.ts';

export interface RouterOptions {
  readonly library: Library;
  readonly queue: TrainingQueue | null;
  readonly experiments: ExperimentQueue | null;
  readonly emit: (event: AppEvent) => void;
}

export interface Router {
  /** Answers one message; null for something that is no call at all. */
  answer(message: unknown): Promise<AnswerMessage | null>;
  /** Cancels all jobs. */
  close(): void;
}

/** Code and sentence of anything that was thrown. */
export function describeError(error: unknown): { code: string; message: string } {
  if (error instanceof CoreError) return { code: error.code, message: messageOf(error) };
  return {
    code: 'internal/error',
    message: `Something went wrong inside: ${messageOf(error)}. Please report it with the text from Settings, "Copy diagnostic report".`,
  };
}

export function createRouter(options: RouterOptions): Router {
  const { library, queue, experiments, emit } = options;
  const jobs = new JobBoard(emit, describeError);
  const context: Context = { library, queue, experiments, jobs, emit };
  const api: Api = {
    ...datasetHandlers(context),
    ...experimentHandlers(context),
    ...trainingHandlers(context),
    ...runHandlers(context),
    ...scoringHandlers(context),
    ...galleryHandlers(context),
    ...settingsHandlers(context),
  };
  const call = async (channel: Channel, request: unknown): Promise<Envelope> => {
    const parsed = contract[channel].request.safeParse(request);
    if (!parsed.success) {
      const [issue] = parsed.error.issues;
      const where = issue === undefined || issue.path.length === 0 ? 'the request' : issue.path.map(String).join('.');
      return {
        ok: false,
        code: 'contract/request',
        message: `${channel}: ${where}: ${issue?.message ?? 'not valid'}.`,
      };
    }
    try {
      const handler = api[channel] as (request: unknown) => Promise<unknown>;
      return { ok: true, value: await handler(parsed.data) };
    } catch (error) {
      const described = describeError(error);
      if (described.code === 'internal/error') {
        library.log.write(
          'error',
          `${channel}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
        );
      }
      return { ok: false, ...described };
    }
  };
  return {
    async answer(message) {
      const parsed = callMessageSchema.safeParse(message);
      if (parsed.success) return { id: parsed.data.id, ...(await call(parsed.data.channel, parsed.data.request)) };
      const id = typeof message === 'object' && message !== null && 'id' in message ? message.id : null;
      if (typeof id !== 'number') return null;
      return { id, ok: false, code: 'contract/channel', message: 'There is no such call.' };
    },
    close: () => jobs.cancelAll(),
  };
}
