/**
 * Checkpoints of a run: `step-00000123.safetensors` (weights, optimiser moments) and `step-00000123.json` (the rest of the state).
 * The JSON is written last and makes the checkpoint whole; without it, or with another checksum, the tensors count for nothing.
 */
import { createHash } from 'node:crypto';
import { readFile, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { CoreError, messageOf } from '../errors.ts';
import { removeTemporaries, systemCode, writeFileAtomic, writeJsonAtomic } from './atomic.ts';
import { decodeSafetensors, encodeSafetensors, type Tensors } from './safetensors.ts';

/** What training must know to go on exactly where it was, beside tensors: JSON of the training room's own making. */
export type CheckpointState = Readonly<Record<string, unknown>>;

export interface Checkpoint {
  /** Optimiser steps done. */
  readonly step: number;
  readonly tensors: Tensors;
  readonly state: CheckpointState;
}

export interface LoadedCheckpoint extends Checkpoint {
  /** Newer checkpoints that were passed over because they are damaged, with the reason. */
  readonly skipped: readonly string[];
}

export interface BestMark {
  readonly step: number;
  readonly metric: { readonly name: string; readonly value: number };
}

const sidecar = z.looseObject({
  step: z.int().min(0),
  bytes: z.int().min(0),
  sha256: z.string(),
  state: z.record(z.string(), z.unknown()),
});

const bestMark: z.ZodType<BestMark> = z.looseObject({
  step: z.int().min(0),
  metric: z.looseObject({ name: z.string(), value: z.number() }),
});

const namePattern = /^step-(\d+)\.(safetensors|json)$/;

/** `step-00000123`: sorts by name as by number. */
export function stepName(step: number): string {
  return `step-${String(step).padStart(8, '0')}`;
}

function sha256(data: Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}

async function filesByStep(folder: string): Promise<Map<number, string[]>> {
  const files = new Map<number, string[]>();
  let names: string[] = [];
  try {
    names = await readdir(folder);
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error;
  }
  for (const name of names) {
    const match = namePattern.exec(name);
    if (match !== null) files.set(Number(match[1]), [...(files.get(Number(match[1])) ?? []), name]);
  }
  return files;
}

/** Steps of the checkpoints that have both files, ascending. */
export async function listSteps(folder: string): Promise<number[]> {
  const files = await filesByStep(folder);
  return [...files.entries()]
    .filter(([, names]) => names.length === 2)
    .map(([step]) => step)
    .sort((a, b) => a - b);
}

/** Removes temporary files and the halves of checkpoints whose writing was interrupted. */
export async function removeHalves(folder: string): Promise<void> {
  await removeTemporaries(folder);
  for (const names of (await filesByStep(folder)).values()) {
    if (names.length < 2) for (const name of names) await rm(path.join(folder, name), { force: true });
  }
}

async function readSidecar(folder: string, step: number): Promise<z.infer<typeof sidecar>> {
  const file = path.join(folder, `${stepName(step)}.json`);
  try {
    return sidecar.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch (error) {
    const text = `Checkpoint ${step} cannot be used: ${file} is missing or damaged. Use another checkpoint.`;
    throw new CoreError('runs/checkpoint', text, { cause: error });
  }
}

/**
 * Writes a checkpoint. Saving the same step with the same content again changes nothing; other content replaces it, and for that
 * moment the checkpoint before it is the newest.
 */
export async function saveCheckpoint(folder: string, { step, tensors, state }: Checkpoint): Promise<void> {
  const data = encodeSafetensors(tensors);
  const content = { step, bytes: data.byteLength, sha256: sha256(data), state };
  const file = path.join(folder, stepName(step));
  if ((await listSteps(folder)).includes(step)) {
    const old = await readSidecar(folder, step).catch(() => null);
    const same =
      old !== null && old.sha256 === content.sha256 && JSON.stringify(old.state) === JSON.stringify(content.state);
    if (same) return;
    await rm(`${file}.json`, { force: true });
  }
  await writeFileAtomic(`${file}.safetensors`, data);
  await writeJsonAtomic(`${file}.json`, content);
}

async function load(folder: string, step: number): Promise<Checkpoint> {
  const content = await readSidecar(folder, step);
  const file = path.join(folder, `${stepName(step)}.safetensors`);
  let data: Uint8Array;
  try {
    data = await readFile(file);
  } catch (error) {
    const text = `Checkpoint ${step} cannot be used: ${file} is not readable (${messageOf(error)}). Use another checkpoint.`;
    throw new CoreError('runs/checkpoint', text, { cause: error });
  }
  if (data.byteLength !== content.bytes || sha256(data) !== content.sha256) {
    const text = `Checkpoint ${step} is damaged: ${file} is not what was saved. Use another checkpoint.`;
    throw new CoreError('runs/checkpoint', text);
  }
  return { step, tensors: decodeSafetensors(data), state: content.state };
}

/** The mark of the best checkpoint; null without one or when that checkpoint is gone. */
export async function readBest(folder: string): Promise<BestMark | null> {
  try {
    const mark = bestMark.parse(JSON.parse(await readFile(path.join(folder, 'best.json'), 'utf8')));
    return (await listSteps(folder)).includes(mark.step) ? mark : null;
  } catch {
    return null;
  }
}

export async function writeBest(folder: string, mark: BestMark): Promise<void> {
  if (!(await listSteps(folder)).includes(mark.step)) {
    throw new CoreError(
      'runs/checkpoint',
      `There is no checkpoint of step ${mark.step}. Save it before marking it best.`,
    );
  }
  await writeJsonAtomic(path.join(folder, 'best.json'), mark);
}

/**
 * Loads `step`, the best, or the newest whole checkpoint; damaged ones are passed over only for `latest`.
 * Throws `runs/no-checkpoint` when there is none, `runs/checkpoint` when the one asked for cannot be used.
 */
export async function loadCheckpoint(folder: string, which: 'latest' | 'best' | number): Promise<LoadedCheckpoint> {
  const steps = await listSteps(folder);
  const none = (what: string): CoreError => {
    const known = steps.length === 0 ? 'Train it first' : `Choose one of ${steps.join(', ')}`;
    return new CoreError('runs/no-checkpoint', `${path.dirname(folder)} has no ${what}. ${known}.`);
  };
  if (which === 'best') {
    const mark = await readBest(folder);
    if (mark === null) throw none('best checkpoint');
    return { ...(await load(folder, mark.step)), skipped: [] };
  }
  if (which !== 'latest') {
    if (!steps.includes(which)) throw none(`checkpoint of step ${which}`);
    return { ...(await load(folder, which)), skipped: [] };
  }
  const skipped: string[] = [];
  for (const step of steps.reverse()) {
    try {
      return { ...(await load(folder, step)), skipped };
    } catch (error) {
      skipped.push(messageOf(error));
    }
  }
  throw skipped.length === 0 ? none('checkpoint') : new CoreError('runs/checkpoint', skipped.join(' '));
}

/** Removes all but the newest `keep` checkpoints (at least one) and the best one; the JSON goes first, so that no half looks whole. */
export async function pruneCheckpoints(folder: string, keep: number): Promise<void> {
  const steps = await listSteps(folder);
  const best = (await readBest(folder))?.step;
  for (const step of steps.slice(0, Math.max(0, steps.length - Math.max(1, keep)))) {
    if (step === best) continue;
    await rm(path.join(folder, `${stepName(step)}.json`), { force: true });
    await rm(path.join(folder, `${stepName(step)}.safetensors`), { force: true });
  }
}
