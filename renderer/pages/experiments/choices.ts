/** What a person types into the form of an experiment, as choices and back as words. */
import type { ExperimentCard, ExperimentChoices } from '../../../ipc/contract.ts';

/** `1, 4,5` as a list; empty where nothing was typed. */
export const listOf = (text: string): string[] => text.split(/[\s,;]+/).filter((word) => word !== '');

/** Whole numbers from 0 up; null where one is none. */
export function numbersOf(text: string): number[] | null {
  const numbers = listOf(text).map(Number);
  return numbers.every((value) => Number.isInteger(value) && value >= 0) ? numbers : null;
}

/** `least` or more; null where it is none, undefined where nothing was typed. */
export function countOf(text: string, least = 1): number | null | undefined {
  if (text.trim() === '') return undefined;
  const value = Number(text);
  return Number.isInteger(value) && value >= least ? value : null;
}

export interface FormText {
  readonly data: string;
  readonly sets: Readonly<Record<string, string>>;
  readonly digits: string;
  readonly methods: readonly string[];
  readonly seeds: string;
  readonly epochs: string;
  readonly lastEpochs: string;
  readonly protocols: readonly ('P1' | 'P2')[];
  readonly samples: string;
  readonly limit: string;
}

export type Problems = Partial<Record<'data' | 'seeds' | 'epochs' | 'lastEpochs' | 'samples' | 'limit', string>>;

/** Choices, with what an experiment has no use for left out; and what cannot be read. */
export function readForm(
  text: FormText,
  parameters: readonly string[],
): { readonly choices: ExperimentChoices; readonly problems: Problems } {
  const problems: Problems = {};
  const has = (name: string) => parameters.includes(name);
  const count = (name: 'epochs' | 'lastEpochs' | 'samples' | 'limit', least = 1) => {
    const value = has(name) ? countOf(text[name], least) : undefined;
    if (value === null) problems[name] = `A whole number from ${least} up, or nothing.`;
    return value === null || value === undefined ? {} : { [name]: value };
  };
  const seeds = numbersOf(text.seeds);
  if (seeds === null) problems.seeds = 'Whole numbers from 0 up, with commas between them.';
  const sets = Object.fromEntries(Object.entries(text.sets).filter(([, path]) => path !== ''));
  const choices: ExperimentChoices = {
    ...(has('data') && text.data !== '' && { data: text.data }),
    ...(has('sets') && Object.keys(sets).length > 0 && { sets }),
    ...(has('digits') && listOf(text.digits).length > 0 && { digits: listOf(text.digits) }),
    ...(has('methods') && { methods: [...text.methods] }),
    ...(has('seeds') && seeds !== null && seeds.length > 0 && { seeds }),
    ...count('epochs'),
    ...count('lastEpochs'),
    ...(has('protocols') && { protocols: [...text.protocols] }),
    ...count('samples', 2),
    ...count('limit', 2),
  };
  return { choices, problems };
}

const few = (values: readonly (string | number)[]): string =>
  values.length > 12 ? `${values.slice(0, 10).join(', ')} and ${values.length - 10} more` : values.join(', ');

/** The last part of a path, or a built-in set's name. */
export const nameOfData = (data: string): string =>
  data
    .replace(/[/\\]+$/, '')
    .split(/[/\\]/)
    .at(-1) ?? data;

/** "mnist; digits 1, 4; vae, joint; 2 epochs": what differs from one card to the next. */
export function choiceWords({ choices }: Pick<ExperimentCard, 'choices'>): string {
  const { data, sets, digits, methods, seeds, epochs, protocols, limit } = choices;
  const words = [
    data === undefined ? '' : nameOfData(data),
    sets === undefined ? '' : `against ${few(Object.keys(sets))}`,
    digits === undefined ? '' : `held out ${few(digits)}`,
    methods === undefined ? '' : few(methods),
    seeds === undefined ? '' : `${seeds.length === 1 ? 'seed' : 'seeds'} ${few(seeds)}`,
    epochs === undefined ? '' : `${epochs} ${epochs === 1 ? 'epoch' : 'epochs'}`,
    protocols === undefined ? '' : few(protocols),
    limit === undefined ? '' : `at most ${limit.toLocaleString('en-GB')} images`,
  ];
  return words.filter((word) => word !== '').join('; ');
}
