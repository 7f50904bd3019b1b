import { describe, expect, it } from 'vitest';
import { hasFlag, parseArguments, UsageError } from '../../../cli/arguments.ts';
import { defineCommand, type AnyValue, type Command } from '../../../cli/command.ts';
import { commandHelp, generalHelp } from '../../../cli/help.ts';
import { nearest } from '../../../cli/nearest.ts';

const command: Command = defineCommand({
  name: 'example',
  summary: 'Show every kind of option',
  options: {
    data: { kind: 'text', summary: 'where', placeholder: 'PATH', required: true },
    'exclude-label': { kind: 'text', summary: 'left out', multiple: true },
    steps: { kind: 'number', summary: 'how long', integer: true, min: 1, max: 1000, default: 100 },
    threshold: { kind: 'number', summary: 'from where' },
    device: { kind: 'choice', summary: 'where to compute', choices: ['auto', 'onnx-cpu'], default: 'auto' },
    resume: { kind: 'flag', summary: 'go on' },
  },
  operands: { placeholder: '<image|folder>', min: 1, max: 2 },
  examples: [{ line: 'triangle example --data a b', does: 'nothing' }],
  run: ({ values }) => {
    // Compiles only when each value has the type of its option.
    const typed: [string, readonly string[], number, number | undefined, 'auto' | 'onnx-cpu', boolean] = [
      values.data,
      values['exclude-label'],
      values.steps,
      values.threshold,
      values.device,
      values.resume,
    ];
    return Promise.resolve(typed.length);
  },
});

function valuesOf(line: string): Readonly<Record<string, AnyValue>> {
  return parseArguments(line.split(' '), command).values;
}

describe('parseArguments', () => {
  it('gives every option its value or default', () => {
    expect(valuesOf('--data x image')).toEqual({
      data: 'x',
      'exclude-label': [],
      steps: 100,
      threshold: undefined,
      device: 'auto',
      resume: false,
    });
  });

  it('takes values behind a space or an equals sign, lists, negative numbers and operands anywhere', () => {
    const line =
      'a --data=x --exclude-label 4 --steps 7 --threshold -2.5 --exclude-label=9 --resume --device onnx-cpu b';
    const { values, operands } = parseArguments(line.split(' '), command);
    expect(operands).toEqual(['a', 'b']);
    expect(values).toEqual({
      data: 'x',
      'exclude-label': ['4', '9'],
      steps: 7,
      threshold: -2.5,
      device: 'onnx-cpu',
      resume: true,
    });
  });

  it('takes everything behind -- as operands', () => {
    expect(parseArguments(['--data', 'x', '--', '--json', '-h'], command)).toMatchObject({
      operands: ['--json', '-h'],
      json: false,
      help: false,
    });
  });

  it('lets the last of a repeated single option win', () => {
    expect(valuesOf('--data x --data y image')['data']).toBe('y');
  });

  it.each([
    ['--data x --stepps 3 image', 'Unknown option --stepps. Did you mean --steps?'],
    ['--data x --qqqqqq image', 'Unknown option --qqqqqq. See --help.'],
    ['--data x -s image', 'Unknown option -s'],
    ['image', '--data is missing. Write --data PATH: where.'],
    ['image --data', '--data has no value'],
    ['image --data --resume', '--data has no value'],
    ['image --data=', '--data is empty'],
    ['image --data x --resume=yes', '--resume takes no value'],
    ['image --data x --steps 0', '--steps is "0". It wants a whole number from 1 to 1000.'],
    ['image --data x --steps 2.5', 'a whole number'],
    ['image --data x --steps ten', '--steps is "ten"'],
    ['image --data x --threshold=', 'It wants a number.'],
    ['image --data x --threshold Infinity', 'It wants a number.'],
    ['image --data x --device onnx-cpus', 'Choose one of auto, onnx-cpu. Did you mean onnx-cpu?'],
    ['--data x', '<image|folder> is missing'],
    ['--data x a b c', '"c" is one word too many'],
  ])('refuses %s', (line, message) => {
    const attempt = () => valuesOf(line);
    expect(attempt).toThrow(UsageError);
    expect(attempt).toThrow(message);
  });

  it('asks for nothing else when help is wanted', () => {
    expect(parseArguments(['--help', '--steps', 'x'], command).help).toBe(true);
    expect(hasFlag(['-h'], 'help')).toBe(true);
    expect(hasFlag(['a', '--', '--json'], 'json')).toBe(false);
  });
});

describe('help', () => {
  it('shows usage, every option with its default and bounds of choice, and the examples', () => {
    const text = commandHelp(command);
    expect(text).toContain('Usage: triangle example --data PATH <image|folder>... [options]');
    expect(text).toMatch(/--steps N +how long; default 100/);
    expect(text).toMatch(/--device auto\|onnx-cpu +where to compute; default auto/);
    expect(text).toMatch(/--exclude-label TEXT +left out; may be repeated/);
    expect(text).toMatch(/--json +Machine-readable/);
    expect(text).toContain('# nothing\n  triangle example --data a b');
  });

  it('lists the verbs and the exit codes', () => {
    const text = generalHelp([command], '9.9.9');
    expect(text).toContain('triangle 9.9.9');
    expect(text).toMatch(/example +Show every kind of option/);
    expect(text).toContain('0 done, 1 failed, 2 wrong use');
  });
});

describe('nearest', () => {
  it('finds what was probably meant and nothing else', () => {
    const names = ['train', 'score', 'gallery', 'evaluate', 'exclude-label'];
    expect(['trian', 'scores', 'galery', 'eval', 'exclude-labels', 'ex'].map((name) => nearest(name, names))).toEqual([
      'train',
      'score',
      'gallery',
      'evaluate',
      'exclude-label',
      'exclude-label',
    ]);
    expect(nearest('banana', names)).toBeNull();
  });
});
