/** An entry of the training queue as it is kept on disk, so that a run that was under way goes on after the process died. */
import { z } from 'zod';
import type { ManifestDevice } from '../runs/manifest.ts';

const fieldValue = z.union([z.number(), z.string(), z.boolean(), z.array(z.string())]).nullable();

export const queueEntrySchema = z.object({
  run: z.string(),
  dir: z.string(),
  name: z.string(),
  /** Name of the dataset, for people. */
  dataset: z.string(),
  /** Path or built-in name; null to go on with what the run folder says. */
  source: z.string().nullable(),
  excludeFiles: z.array(z.string()),
  preset: z.string().nullable(),
  values: z.record(z.string(), fieldValue),
  /** Folder of a run whose very settings are taken. */
  like: z.string().nullable(),
  /** When resumed: new totals, or null to keep what the run was to have. */
  epochs: z.number().nullable(),
  steps: z.int().nullable(),
  state: z.enum(['queued', 'active', 'paused', 'failed']),
  /** Times that the process died while it was active without a new checkpoint. */
  deaths: z.int(),
  code: z.string().nullable(),
  message: z.string().nullable(),
});
export type QueueEntry = z.output<typeof queueEntrySchema>;

export type TrainingState =
  'queued' | 'preparing' | 'running' | 'paused' | 'calibrating' | 'stopping' | 'stopped' | 'finished' | 'failed';

export interface TrainingStatus {
  readonly run: string;
  readonly name: string;
  readonly dataset: string;
  readonly state: TrainingState;
  readonly step: number;
  readonly steps: number;
  readonly stepsPerEpoch: number | null;
  readonly secondsLeft: number | null;
  readonly progress: { readonly done: number; readonly total: number; readonly secondsLeft: number | null } | null;
  readonly device: ManifestDevice | null;
  readonly code: string | null;
  readonly message: string | null;
}

export type QueueEvent =
  | { readonly kind: 'state'; readonly status: TrainingStatus }
  | { readonly kind: 'queue' }
  | { readonly kind: 'runs' }
  | {
      readonly kind: 'metrics';
      readonly run: string;
      readonly step: number;
      readonly steps: number;
      readonly secondsLeft: number | null;
      readonly rows: Record<string, number | null>[];
    }
  | {
      readonly kind: 'samples';
      readonly run: string;
      readonly step: number;
      readonly content: 'samples' | 'reconstructions';
    }
  | {
      readonly kind: 'validated';
      readonly run: string;
      readonly step: number;
      readonly metrics: Record<string, number | null>;
      readonly best: boolean;
    }
  | { readonly kind: 'checkpoint'; readonly run: string; readonly step: number };

export function waitingStatus(entry: QueueEntry): TrainingStatus {
  const { run, name, dataset, code, message } = entry;
  const state = entry.state === 'active' ? 'queued' : entry.state;
  const nothing = { stepsPerEpoch: null, secondsLeft: null, progress: null, device: null };
  return { run, name, dataset, state, step: 0, steps: entry.steps ?? 0, ...nothing, code, message };
}
