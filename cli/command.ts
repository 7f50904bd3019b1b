/** What a verb of the command line declares. Adding a verb is adding one file under `commands/` that exports `command`. */
import type { Output } from './output.ts';

interface OptionBase {
  /** One line for `--help`. */
  readonly summary: string;
  /** What stands for the value in `--help`: `DIR`, `N`, … */
  readonly placeholder?: string;
  /** May be given several times; the values come as a list. */
  readonly multiple?: boolean;
  readonly required?: boolean;
}

export interface FlagOption {
  readonly kind: 'flag';
  readonly summary: string;
}

export interface TextOption extends OptionBase {
  readonly kind: 'text';
  readonly default?: string;
}

export interface NumberOption extends OptionBase {
  readonly kind: 'number';
  readonly integer?: boolean;
  readonly min?: number;
  readonly max?: number;
  readonly default?: number;
}

export interface ChoiceOption extends OptionBase {
  readonly kind: 'choice';
  readonly choices: readonly string[];
  readonly default?: string;
}

export type Option = FlagOption | TextOption | NumberOption | ChoiceOption;

/** Options by their long name without dashes: `exclude-label`. */
export type OptionTable = Readonly<Record<string, Option>>;

type OneValue<O extends Option> = O extends FlagOption
  ? boolean
  : O extends NumberOption
    ? number
    : O extends ChoiceOption
      ? O['choices'][number]
      : string;

type OptionValue<O extends Option> = O extends { readonly multiple: true }
  ? readonly OneValue<O>[]
  : O extends FlagOption | { readonly required: true } | { readonly default: string | number }
    ? OneValue<O>
    : OneValue<O> | undefined;

/** What a run of the verb gets for its options: flags false, lists empty and others undefined where they are not given. */
export type OptionValues<T extends OptionTable> = { readonly [K in keyof T]: OptionValue<T[K]> };

/** Any checked value of an option. */
export type AnyValue = string | number | boolean | readonly (string | number)[] | undefined;

export interface Operands {
  /** How `--help` names them: `<image|folder>`. */
  readonly placeholder: string;
  readonly min: number;
  readonly max: number;
}

export interface CommandContext<V> {
  readonly values: V;
  /** What was given without a flag. */
  readonly operands: readonly string[];
  readonly output: Output;
  /** Aborted by the first Ctrl-C: stop at the next step, save, return. */
  readonly signal: AbortSignal;
}

export interface CommandDescription {
  readonly name: string;
  /** One line for the list of verbs. */
  readonly summary: string;
  /** Whole command lines with what they do. */
  readonly examples: readonly { readonly line: string; readonly does: string }[];
  readonly options: OptionTable;
  /** Default: none are taken. */
  readonly operands?: Operands;
}

export interface Command extends CommandDescription {
  /** Resolves to the exit code, 0 when it is undefined. Throws `UsageError` (2) or anything else (1). */
  run(context: CommandContext<Readonly<Record<string, AnyValue>>>): Promise<number | undefined>;
}

interface CommandDefinition<T extends OptionTable> extends CommandDescription {
  readonly options: T;
  run(context: CommandContext<OptionValues<T>>): Promise<number | undefined>;
}

/**
 * Gives `run` the types of its own option table. A verb imports the core inside `run` (`await import('../../core/index.ts')`), so
 * that `--help` and wrong use are answered without loading it.
 */
export function defineCommand<const T extends OptionTable>(definition: CommandDefinition<T>): Command {
  return {
    ...definition,
    // The argument parser has checked the values against the same table.
    run: (context) => definition.run({ ...context, values: context.values as OptionValues<T> }),
  };
}
