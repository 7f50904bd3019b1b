/** What is stored of a scoring session beside its rows. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { scoreNames, type ScoreName } from '../score-names.ts';

const scoreName: z.ZodType<ScoreName> = z.enum(scoreNames);

const ruleSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('false-alarms'), rate: z.number() }),
  z.object({ kind: z.literal('best-f1') }),
  z.object({ kind: z.literal('value'), value: z.number() }),
]);
export type SessionRule = z.output<typeof ruleSchema>;

const metaSchema = z.object({
  formatVersion: z.literal(1),
  id: z.string(),
  run: z.string(),
  runDir: z.string(),
  runName: z.string(),
  created: z.string(),
  title: z.string(),
  inputs: z.array(z.string()),
  state: z.enum(['running', 'finished', 'cancelled', 'failed']),
  message: z.string().nullable(),
  total: z.int(),
  skipped: z.int(),
  scoreNames: z.array(scoreName),
  score: scoreName,
  rule: ruleSchema,
  /** Of the model that scored; null until it was opened. */
  model: z.object({ graphs: z.string(), step: z.int(), fingerprint: z.string() }).nullable(),
});
export type SessionMeta = z.output<typeof metaSchema>;

export const metaName = 'session.json';
export const calibrationName = 'calibration.json';
export const skippedName = 'skipped.jsonl';

/** Null where there is no session that can be read. */
export async function readMeta(dir: string): Promise<SessionMeta | null> {
  try {
    return metaSchema.parse(JSON.parse(await readFile(path.join(dir, metaName), 'utf8')));
  } catch {
    return null;
  }
}

export interface SkippedRow {
  readonly name: string;
  readonly detail: string;
}

export async function readSkipped(dir: string): Promise<SkippedRow[]> {
  try {
    const lines = (await readFile(path.join(dir, skippedName), 'utf8')).split('\n').slice(0, -1);
    return lines.map((line) => z.object({ name: z.string(), detail: z.string() }).parse(JSON.parse(line)));
  } catch {
    return [];
  }
}
