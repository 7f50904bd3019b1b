import { describe, expect, it } from 'vitest';
import { Output } from '../../../cli/output.ts';
import { formatSeconds, Progress } from '../../../cli/progress.ts';

function recorder(isTTY = false): {
  written: () => string;
  write(text: string): void;
  isTTY: boolean;
  columns: number;
} {
  let text = '';
  return {
    isTTY,
    columns: 70,
    write: (part) => {
      text += part;
    },
    written: () => text,
  };
}

describe('Output', () => {
  it('writes results for people on standard output, remarks on standard error', () => {
    const [stdout, stderr] = [recorder(), recorder()];
    const output = new Output(false, { stdout, stderr });
    output.text('result');
    output.record({ value: 1 });
    output.warn('slow');
    output.error('runs/locked', 'in use');
    expect(stdout.written()).toBe('result\n');
    expect(stderr.written()).toBe('Warning: slow\nError: in use\n');
  });

  it('writes nothing but JSON lines on standard output with --json', () => {
    const [stdout, stderr] = [recorder(), recorder()];
    const output = new Output(true, { stdout, stderr });
    output.text('result');
    output.record({ value: NaN, text: 'two\nlines' });
    output.progress({ label: 'Scoring', unit: 'images', total: 2 }).update(2);
    output.error('runs/locked', 'in use');
    const lines = stdout.written().trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
      { value: null, text: 'two\nlines' },
      { error: { code: 'runs/locked', message: 'in use' } },
    ]);
  });

  it('takes the bar away before it writes a line', () => {
    const [stdout, stderr] = [recorder(), recorder(true)];
    const output = new Output(false, { stdout, stderr });
    output.progress({ label: 'Training', unit: 'steps', total: 10 }).update(1);
    output.note('saved');
    expect(stderr.written()).toMatch(/1\/10 steps\r +\rsaved\n$/);
    output.finish();
    expect(stderr.written()).toMatch(/saved\n$/);
  });
});

describe('Progress', () => {
  it('draws a bar with the time left on a terminal, ten times a second at most', () => {
    let now = 0;
    const stream = recorder(true);
    const progress = new Progress(stream, { label: 'Training', unit: 'steps', total: 100 }, () => now);
    for (let step = 1; step <= 50; step++) {
      now = step * 40;
      progress.update(step);
    }
    const drawn = stream.written().split('\r').slice(1);
    expect(drawn).toHaveLength(17);
    expect(drawn.at(-1)).toBe('Training [############............] 49 %, 49/100 steps, 0:02 left');
    progress.finish();
    expect(stream.written().endsWith('\n')).toBe(true);
  });

  it('never exceeds the width of the terminal and wipes a longer line', () => {
    const stream = recorder(true);
    const progress = new Progress(stream, { label: 'T', unit: 's', total: 1 }, () => 0);
    progress.update(1, 'x'.repeat(100));
    progress.update(1);
    const [, long = '', short = ''] = stream.written().split('\r');
    expect(long).toHaveLength(69);
    expect(short).toHaveLength(69);
    expect(short.trimEnd().length).toBeLessThan(69);
  });

  it('writes a plain line at each tenth elsewhere', () => {
    const stream = recorder();
    const progress = new Progress(stream, { label: 'Scoring', unit: 'images', total: 1000 }, () => 0);
    for (let done = 0; done <= 1000; done++) progress.update(done);
    const lines = stream.written().trimEnd().split('\n');
    expect(lines).toHaveLength(11);
    expect(lines[5]).toBe('Scoring 50 %, 500/1000 images');
    expect(lines.at(-1)).toBe('Scoring 100 %, 1000/1000 images, 0:00 in all');
  });

  it('takes the speed of a resumed job from its own steps', () => {
    let now = 0;
    const stream = recorder();
    const options = { label: 'Training', unit: 'steps', total: 1000, start: 800 };
    const progress = new Progress(stream, options, () => now);
    now = 100_000;
    progress.update(900);
    expect(stream.written()).toBe('Training 90 %, 900/1000 steps, 1:40 left\n');
  });

  it('formats times', () => {
    expect([0, 9.4, 65, 3723].map(formatSeconds)).toEqual(['0:00', '0:09', '1:05', '1:02:03']);
  });
});
