/** The texts of `--help`. */
import { commonOptions } from './arguments.ts';
import type { Command, CommandDescription, Option } from './command.ts';

function columns(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`);
}

function placeholderOf(option: Option): string {
  if (option.kind === 'flag') return '';
  if (option.kind === 'choice') return ` ${option.placeholder ?? option.choices.join('|')}`;
  return ` ${option.placeholder ?? (option.kind === 'number' ? 'N' : 'TEXT')}`;
}

function details(option: Option): string {
  if (option.kind === 'flag') return option.summary;
  const parts = [option.summary];
  if (option.kind === 'choice' && option.placeholder !== undefined) parts.push(`one of ${option.choices.join(', ')}`);
  if (option.multiple === true) parts.push('may be repeated');
  if (option.required === true) parts.push('required');
  if (option.default !== undefined) parts.push(`default ${option.default}`);
  return parts.join('; ');
}

/** `triangle train --data PATH --out DIR [options]` */
function usageLine({ name, options, operands }: CommandDescription): string {
  const required = Object.entries(options)
    .filter(([, option]) => option.kind !== 'flag' && option.required === true)
    .map(([flag, option]) => ` --${flag}${placeholderOf(option)}`);
  const rest =
    operands === undefined ? '' : operands.min > 0 ? ` ${operands.placeholder}` : ` [${operands.placeholder}]`;
  return `triangle ${name}${required.join('')}${rest}${operands !== undefined && operands.max > 1 ? '...' : ''} [options]`;
}

export function commandHelp(command: CommandDescription): string {
  const options = Object.entries({ ...command.options, ...commonOptions });
  return [
    command.summary,
    '',
    `Usage: ${usageLine(command)}`,
    '',
    'Options:',
    ...columns(options.map(([name, option]) => [`--${name}${placeholderOf(option)}`, details(option)])),
    '',
    'Examples:',
    ...command.examples.flatMap(({ line, does }) => [`  # ${does}`, `  ${line}`]),
  ].join('\n');
}

export function generalHelp(commands: readonly Command[], version: string): string {
  return [
    `triangle ${version}: train a joint variational auto-encoder and energy-based model on images, score anomalies, browse samples.`,
    '',
    'Usage: triangle <verb> [options]',
    '',
    'Verbs:',
    ...columns(commands.map(({ name, summary }) => [name, summary])),
    '',
    'Options:',
    ...columns([
      ['--help', 'Show this help, or that of a verb: triangle train --help'],
      ['--version', 'Show the version'],
      ['--json', commonOptions.json.summary],
    ]),
    '',
    'Exit codes: 0 done, 1 failed, 2 wrong use.',
  ].join('\n');
}
