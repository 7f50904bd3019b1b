/** From the words of a command line to checked values. Splitting is `util.parseArgs`; meaning and errors are ours. */
import { parseArgs } from 'node:util';
import type { AnyValue, CommandDescription, NumberOption, Option, OptionTable } from './command.ts';
import { nearest } from './nearest.ts';

/** Wrong use of the command line: exit code 2. The message says what was got and what would be right. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Options that every verb has. */
export const commonOptions = {
  json: { kind: 'flag', summary: 'Machine-readable lines on standard output, nothing else there' },
  help: { kind: 'flag', summary: 'Show this help' },
} as const satisfies OptionTable;

export interface ParsedArguments {
  readonly values: Readonly<Record<string, AnyValue>>;
  readonly operands: readonly string[];
  readonly json: boolean;
  readonly help: boolean;
}

/** Whether `--json` or `--help` stands among the words, for use before or instead of parsing. */
export function hasFlag(words: readonly string[], flag: 'json' | 'help'): boolean {
  const end = words.indexOf('--');
  const own = end === -1 ? words : words.slice(0, end);
  return own.includes(`--${flag}`) || (flag === 'help' && own.includes('-h'));
}

function bounds({ min, max, integer }: NumberOption): string {
  const what = integer === true ? 'a whole number' : 'a number';
  if (min !== undefined && max !== undefined) return `${what} from ${min} to ${max}`;
  if (min !== undefined) return `${what}, at least ${min}`;
  return max === undefined ? what : `${what}, at most ${max}`;
}

/** Checks one value of an option. */
function parseValue(name: string, option: Exclude<Option, { kind: 'flag' }>, text: string): string | number {
  switch (option.kind) {
    case 'text':
      if (text === '') throw new UsageError(`--${name} is empty. Give it a value.`);
      return text;
    case 'number': {
      const value = text.trim() === '' ? NaN : Number(text);
      const fits =
        Number.isFinite(value) &&
        (option.integer !== true || Number.isSafeInteger(value)) &&
        value >= (option.min ?? -Infinity) &&
        value <= (option.max ?? Infinity);
      if (!fits) throw new UsageError(`--${name} is "${text}". It wants ${bounds(option)}.`);
      return value;
    }
    case 'choice': {
      if (option.choices.includes(text)) return text;
      const meant = nearest(text, option.choices);
      const hint = meant === null ? '' : ` Did you mean ${meant}?`;
      throw new UsageError(`--${name} is "${text}". Choose one of ${option.choices.join(', ')}.${hint}`);
    }
  }
}

/** A word that looks like a flag is taken for a forgotten value, a negative number is not. */
function looksLikeFlag(word: string): boolean {
  return word.startsWith('-') && word !== '-' && Number.isNaN(Number(word));
}

function valueMissing(name: string, option: Option): UsageError {
  const placeholder = option.kind === 'flag' ? '' : (option.placeholder ?? 'VALUE');
  return new UsageError(`--${name} has no value. Write --${name} ${placeholder}.`);
}

/** Every word as an option with its text or as an operand. */
function split(words: readonly string[], table: OptionTable): { given: Map<string, string[]>; operands: string[] } {
  const { tokens } = parseArgs({
    args: [...words],
    options: Object.fromEntries(
      Object.entries(table).map(([name, { kind }]) => [
        name,
        name === 'help' ? { type: 'boolean', short: 'h' } : { type: kind === 'flag' ? 'boolean' : 'string' },
      ]),
    ),
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const given = new Map<string, string[]>();
  const operands: string[] = [];
  for (const token of tokens) {
    if (token.kind === 'positional') operands.push(token.value);
    if (token.kind !== 'option') continue;
    const option = Object.hasOwn(table, token.name) ? table[token.name] : undefined;
    if (option === undefined) {
      const meant = nearest(token.name, Object.keys(table));
      throw new UsageError(
        `Unknown option ${token.rawName}. ${meant === null ? 'See --help.' : `Did you mean --${meant}?`}`,
      );
    }
    if (option.kind === 'flag') {
      if (token.value !== undefined)
        throw new UsageError(`--${token.name} takes no value. Write --${token.name} alone.`);
      given.set(token.name, ['']);
      continue;
    }
    const { value } = token;
    if (value === undefined || (!token.inlineValue && looksLikeFlag(value))) throw valueMissing(token.name, option);
    given.set(token.name, [...(given.get(token.name) ?? []), value]);
  }
  return { given, operands };
}

function checkedOption(name: string, option: Option, texts: readonly string[] | undefined): AnyValue {
  if (option.kind === 'flag') return texts !== undefined;
  const values = (texts ?? []).map((text) => parseValue(name, option, text));
  if (option.required === true && values.length === 0) {
    throw new UsageError(`--${name} is missing. Write --${name} ${option.placeholder ?? 'VALUE'}: ${option.summary}.`);
  }
  if (option.multiple === true) return values;
  return values.at(-1) ?? option.default;
}

/** Parses the words behind the verb. Throws `UsageError`; of `--help` nothing else is asked. */
export function parseArguments(words: readonly string[], command: CommandDescription): ParsedArguments {
  const json = hasFlag(words, 'json');
  if (hasFlag(words, 'help')) return { values: {}, operands: [], json, help: true };
  const { given, operands } = split(words, { ...command.options, ...commonOptions });
  const { min, max, placeholder } = command.operands ?? { min: 0, max: 0, placeholder: '' };
  const superfluous = operands[max];
  if (superfluous !== undefined) {
    throw new UsageError(`"${superfluous}" is one word too many. See triangle ${command.name} --help.`);
  }
  if (operands.length < min) throw new UsageError(`${placeholder} is missing. See triangle ${command.name} --help.`);
  const values = Object.fromEntries(
    Object.entries(command.options).map(([name, option]) => [name, checkedOption(name, option, given.get(name))]),
  );
  return { values, operands, json, help: false };
}
