/** From what a person chose, the experiment's defaults and what the folder was begun with to whole settings. */
import path from 'node:path';
import { z } from 'zod';
import { CoreError } from '../errors.ts';
import { findObjective } from '../objectives/registry.ts';
import { scoreNames, type ScoreName } from '../score-names.ts';
import { findPreset } from '../presets.ts';
import type { Experiment, ExperimentChoices, ExperimentDefaults, ExperimentSettings, ParameterName } from './types.ts';

const names = z.array(z.string().min(1));
const count = z.int().min(1);

/** Of `experiment.json`. */
export const settingsSchema: z.ZodType<ExperimentSettings> = z.looseObject({
  experiment: z.string(),
  data: z.string(),
  sets: z.record(z.string(), z.string()),
  digits: names,
  methods: names.min(1),
  seeds: z.array(z.int().min(0)).min(1),
  epochs: count.nullable(),
  lastEpochs: count,
  protocols: z.array(z.enum(['P1', 'P2'])),
  // Which names there are is the scoring room's to say.
  scores: z.array(z.custom<ScoreName>((value) => typeof value === 'string')).nullable(),
  preset: z.string().nullable(),
  samples: count,
  inception: z.string().nullable(),
  runs: z.string().nullable(),
  limit: count.nullable(),
});

/** Defaults that an experiment need not state where it has no use for them, or none of its own. */
export const plainDefaults = {
  data: null,
  digits: [],
  seeds: [1],
  epochs: null,
  lastEpochs: 1,
  protocols: [],
  scores: null,
  preset: null,
} as const satisfies Partial<ExperimentDefaults>;

/** How parameters are called in messages; the command line has the same names. */
export const flagOf: Readonly<Record<ParameterName, string>> = {
  data: '--data',
  sets: '--set',
  digits: '--digits',
  methods: '--methods',
  seeds: '--seeds',
  epochs: '--epochs',
  lastEpochs: '--last-epochs',
  protocols: '--protocol',
  scores: '--scores',
  preset: '--preset',
  samples: '--samples',
  inception: '--inception',
  runs: '--runs',
  limit: '--limit',
};

/** These may change in a folder: each of their values is a cell of its own. The others change what a cell's figures mean. */
const growing: readonly ParameterName[] = ['digits', 'methods', 'seeds', 'protocols', 'runs'];

function wrong(text: string): CoreError {
  return new CoreError('experiment/settings', text);
}

const absolute = (place: string): string => (place.startsWith('builtin:') ? place : path.resolve(place));

/**
 * Whole settings. `stored` are those that the folder has: what nobody chose now stays as it was, and once a cell was begun the rest does
 * too. Throws `experiment/settings`, `experiment/other-settings`, `objective/unknown`, `preset/unknown`, and what the experiment's check throws.
 */
export function resolveSettings(
  experiment: Experiment,
  choices: ExperimentChoices,
  stored: ExperimentSettings | null,
  begun = stored !== null,
): ExperimentSettings {
  for (const name of Object.keys(flagOf) as ParameterName[]) {
    if (isGiven(choices[name]) && !experiment.parameters.includes(name))
      throw wrong(`The experiment ${experiment.name} has no use for ${flagOf[name]}. It takes ${flags(experiment)}.`);
  }
  const before = stored ?? experiment.defaults;
  const data = choices.data === undefined ? before.data : absolute(choices.data);
  if (data === null)
    throw wrong(`The experiment ${experiment.name} needs a dataset. Give one with --data: ${experiment.summary}`);
  const listOf = <T>(chosen: readonly T[] | undefined, other: readonly T[]): readonly T[] =>
    chosen === undefined || chosen.length === 0 ? other : [...new Set(chosen)];
  const sets = choices.sets ?? {};
  const settings: ExperimentSettings = {
    experiment: experiment.name,
    data,
    sets:
      Object.keys(sets).length === 0
        ? (stored?.sets ?? {})
        : Object.fromEntries(Object.entries(sets).map(([name, place]) => [name, absolute(place)])),
    digits: listOf(choices.digits, before.digits),
    methods: listOf(choices.methods, before.methods),
    seeds: listOf(choices.seeds, before.seeds),
    epochs: choices.epochs ?? before.epochs,
    lastEpochs: choices.lastEpochs ?? before.lastEpochs,
    protocols: listOf(choices.protocols, before.protocols),
    scores: choices.scores === undefined || choices.scores.length === 0 ? before.scores : [...new Set(choices.scores)],
    preset: choices.preset ?? before.preset,
    samples: choices.samples ?? before.samples,
    inception: choices.inception === undefined ? (stored?.inception ?? null) : absolute(choices.inception),
    runs: choices.runs === undefined ? (stored?.runs ?? null) : path.resolve(choices.runs),
    limit: choices.limit ?? stored?.limit ?? null,
  };
  checkSettings(experiment, settings);
  if (stored !== null && begun) checkSame(settings, stored);
  return settings;
}

/** An empty list or record is as good as none. */
function isGiven(value: unknown): boolean {
  return typeof value === 'object' && value !== null ? Object.keys(value).length > 0 : value !== undefined;
}

function flags(experiment: Experiment): string {
  return experiment.parameters.map((name) => flagOf[name]).join(', ');
}

function checkSettings(experiment: Experiment, settings: ExperimentSettings): void {
  for (const method of settings.methods) findObjective(method);
  if (settings.preset !== null) findPreset(settings.preset);
  const known = Object.keys(experiment.sets);
  for (const name of Object.keys(settings.sets)) {
    if (known.includes(name)) continue;
    throw wrong(`${experiment.name} knows no set "${name}". Its sets are ${known.join(', ')}.`);
  }
  for (const score of settings.scores ?? []) {
    if (!(scoreNames as readonly string[]).includes(score))
      throw wrong(`There is no score "${score}". Choose from ${scoreNames.join(', ')}.`);
  }
  const result = settingsSchema.safeParse(settings);
  if (!result.success) {
    const [issue] = result.error.issues;
    throw wrong(`${issue?.path.map(String).join('.') ?? 'A setting'}: ${issue?.message ?? 'not usable'}. Change it.`);
  }
  experiment.check?.(settings);
}

/** What a folder was begun with stays, so that all figures in it can stand in one table. */
function checkSame(now: ExperimentSettings, stored: ExperimentSettings): void {
  if (now.experiment !== stored.experiment) {
    const text = `The folder holds the experiment ${stored.experiment}, not ${now.experiment}.`;
    throw new CoreError('experiment/other-settings', `${text} Choose another folder.`);
  }
  for (const name of Object.keys(flagOf) as ParameterName[]) {
    if (growing.includes(name)) continue;
    const [a, b] = [JSON.stringify(stored[name]), JSON.stringify(now[name])];
    if (a === b) continue;
    const text = `The folder was begun with ${flagOf[name]} ${a}, now it is ${b}: the figures would not belong together.`;
    throw new CoreError('experiment/other-settings', `${text} Choose another folder, or leave ${flagOf[name]} out.`);
  }
}

/** What the folder remembers: all that was ever asked for in it. */
export function unionOf(now: ExperimentSettings, stored: ExperimentSettings | null): ExperimentSettings {
  if (stored === null) return now;
  const both = <T>(a: readonly T[], b: readonly T[]): readonly T[] => [...new Set([...a, ...b])];
  return {
    ...now,
    digits: both(stored.digits, now.digits),
    methods: both(stored.methods, now.methods),
    seeds: both(stored.seeds, now.seeds),
    protocols: both(stored.protocols, now.protocols),
  };
}
