import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ExperimentReport } from '../../core/index.ts';
import { records, scratchFolder, triangle } from './command-line.ts';

describe('triangle experiment', () => {
  const dir = scratchFolder();
  const words = [
    ...['experiment', 'anomaly', '--data', 'builtin:digits?count=420', '--digits', '4', '--methods', 'vae,joint'],
    ...['--epochs', '3', '--last-epochs', '2', '--preset', 'quick', '--device', 'onnx-cpu', '--threads', '1', '--json'],
  ];
  const reportIn = (folder: string): ExperimentReport =>
    JSON.parse(readFileSync(path.join(dir, folder, 'results.json'), 'utf8')) as ExperimentReport;

  it('goes on after a kill with the same line, to the same table', { timeout: 240_000 }, async () => {
    expect((await triangle([...words, '--out', path.join(dir, 'whole')])).code).toBe(0);
    // In the second cell's training, behind its first measuring: no checkpoint was written since it began.
    const killed = await triangle([...words, '--out', path.join(dir, 'killed')], (line, child) => {
      const event = JSON.parse(line) as { event?: string; stage?: string; done?: number; cell?: { method: string } };
      if (event.event === 'progress' && event.cell?.method === 'joint' && (event.done ?? 0) >= 10)
        child.kill('SIGKILL');
    });
    expect(killed.signal).toBe('SIGKILL');
    expect(reportIn('killed')).toMatchObject({ state: 'unfinished', cells: { done: 1, total: 2 } });
    const rest = await triangle([...words, '--out', path.join(dir, 'killed')]);
    expect(rest.code).toBe(0);
    const [planned] = records(rest.stdout);
    expect(planned).toMatchObject({ event: 'planned', cells: [{ done: true }, { done: false }] });
    expect(reportIn('killed').tables).toEqual(reportIn('whole').tables);
    expect(existsSync(path.join(dir, 'killed', 'lock.json'))).toBe(false);
  });

  it('lists what there is and says what is wrong', async () => {
    const list = await triangle(['experiment', '--list']);
    for (const name of ['generation', 'reconstruction', 'ood', 'anomaly']) expect(list.stdout).toContain(name);
    const wrong = async (...more: string[]) => (await triangle(['experiment', ...more])).stderr;
    expect(await wrong('anomly')).toContain('no experiment "anomly"');
    expect(await wrong()).toContain('Name an experiment');
    expect(await wrong('anomaly', '--seeds', 'x')).toContain('whole numbers');
    expect(await wrong('ood', '--set', 'textures')).toContain('a name and a path');
    expect(await wrong('anomaly')).toContain('--data');
  });
});
