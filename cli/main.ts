/** The binary `triangle`: finds the verb, parses its options, runs it, turns what it throws into one line and an exit code. */
import { commonOptions, hasFlag, parseArguments, UsageError } from './arguments.ts';
import type { Command } from './command.ts';
import { registry } from './commands/registry.generated.ts';
import { commandHelp, generalHelp } from './help.ts';
import { listenForInterrupt } from './interrupt.ts';
import { nearest } from './nearest.ts';
import { Output } from './output.ts';
import { version } from '../core/version.ts';

/** Exit codes. */
const done = 0;
const failed = 1;
const wrongUse = 2;

function findCommand(name: string): Command {
  const command = registry.find((candidate) => candidate.name === name);
  if (command !== undefined) return command;
  if (name.startsWith('-')) {
    throw new UsageError(
      `Unknown option ${name}. Begin with a verb: triangle train ${name} …, or see triangle --help.`,
    );
  }
  const names = registry.map((candidate) => candidate.name);
  const meant = nearest(name, names);
  const hint = meant === null ? `Choose one of ${names.join(', ')}.` : `Did you mean ${meant}?`;
  throw new UsageError(`Unknown verb "${name}". ${hint}`);
}

/** Libraries that print go to standard error, so that `--json` stays pure. */
function keepStandardOutputPure(): void {
  console.log = console.error;
  console.info = console.error;
  console.debug = console.error;
}

/** Code and message of anything thrown. */
function describe(error: unknown): { code: string; message: string } {
  const code =
    error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'internal/error';
  const text = error instanceof Error ? error.message : String(error);
  return { code, message: text.replace(/\s*\n\s*/g, ' ').trim() };
}

async function runCommand(command: Command, words: readonly string[], output: Output): Promise<number> {
  const parsed = parseArguments(words, command);
  if (parsed.help) {
    output.text(commandHelp(command));
    output.record({ name: command.name, summary: command.summary, options: { ...command.options, ...commonOptions } });
    return done;
  }
  const interrupt = listenForInterrupt((line) => output.note(line));
  try {
    const { values, operands } = parsed;
    return (await command.run({ values, operands, output, signal: interrupt.signal })) ?? done;
  } finally {
    interrupt.dispose();
    output.finish();
  }
}

function general(words: readonly string[], output: Output): number {
  if (words.includes('--version')) {
    output.text(version);
    output.record({ version });
    return done;
  }
  output.text(generalHelp(registry, version));
  output.record({ version, verbs: registry.map(({ name, summary }) => ({ name, summary })) });
  return done;
}

/** Runs one command line (without `node` and script) and resolves to its exit code. */
export async function main(words: readonly string[]): Promise<number> {
  const output = new Output(hasFlag(words, 'json'));
  if (output.json) keepStandardOutputPure();
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    // The reader has gone (`triangle … | head`): nobody is left to write for.
    if (error.code === 'EPIPE') process.exit(done);
    throw error;
  });
  try {
    const [first, ...rest] = words[0] === '--json' ? [...words.slice(1), '--json'] : words;
    if (first === undefined) {
      output.note(generalHelp(registry, version));
      return wrongUse;
    }
    if (['--help', '-h', '--version', '--json'].includes(first)) return general(words, output);
    if (first === 'help')
      return rest[0] === undefined
        ? general(words, output)
        : await runCommand(findCommand(rest[0]), ['--help'], output);
    return await runCommand(findCommand(first), rest, output);
  } catch (error) {
    if (error instanceof UsageError) {
      output.error('cli/usage', error.message);
      return wrongUse;
    }
    const { code, message } = describe(error);
    output.error(code, message);
    if (process.env['TRIANGLE_STACK'] !== undefined && error instanceof Error) output.note(error.stack ?? '');
    return failed;
  }
}
