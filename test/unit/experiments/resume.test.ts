import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readExperimentReport, runExperiment } from '../../../core/experiments/run-experiment.ts';
import { RunFolder } from '../../../core/runs/run-folder.ts';
import type { ExperimentEvent, ExperimentJob, ExperimentResult } from '../../../core/experiments/types.ts';

describe('an experiment that is stopped', () => {
  let folder = '';
  let whole: ExperimentResult;
  const events: ExperimentEvent[] = [];

  /** Four steps an epoch: measured after steps 8 and 12. */
  const job = (out: string): ExperimentJob => ({
    experiment: 'anomaly',
    out: path.join(folder, out),
    data: 'builtin:digits?count=420',
    digits: ['1', '4'],
    methods: ['vae', 'joint'],
    protocols: ['P1'],
    epochs: 3,
    lastEpochs: 2,
    preset: 'quick',
    device: 'onnx-cpu',
    threads: 1,
    cacheDir: path.join(folder, 'cache'),
  });

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'experiment-'));
    whole = await runExperiment({ ...job('whole'), onEvent: (event) => events.push(event) });
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('gives the very same table when it goes on, stopped within a training and between cells', async () => {
    const stopAt = async (wanted: (event: ExperimentEvent) => boolean): Promise<ExperimentResult> => {
      const abort = new AbortController();
      return runExperiment({
        ...job('parts'),
        signal: abort.signal,
        onEvent: (event) => {
          if (wanted(event)) abort.abort();
        },
      });
    };
    const inTraining = await stopAt(
      (event) =>
        event.kind === 'progress' &&
        event.stage === 'training' &&
        event.cell.id === 'joint-P1-1-seed1' &&
        event.done === 10,
    );
    expect(inTraining).toMatchObject({ state: 'stopped', report: { cells: { done: 1, total: 4 } } });
    const between = await stopAt((event) => event.kind === 'cell-finished' && event.cell.id === 'joint-P1-1-seed1');
    expect(between).toMatchObject({ state: 'stopped', report: { state: 'unfinished', cells: { done: 2, total: 4 } } });
    // In the middle of measuring: that is ended first, so that the training stops as it should.
    const measuring = await stopAt((event) => event.kind === 'progress' && event.stage === 'measuring');
    expect(measuring.state).toBe('stopped');
    const run = await RunFolder.open(path.join(folder, 'parts', 'cells', 'vae-P1-4-seed1', 'run'));
    expect(run.manifest).toMatchObject({ state: 'stopped', step: 8 });
    await run.close();
    // What the folder remembers is enough to go on.
    const { experiment, out, cacheDir } = job('parts');
    const rest = await runExperiment({ experiment, out, cacheDir, device: 'onnx-cpu', threads: 1 });
    expect(rest.state).toBe('finished');
    expect(rest.report.tables).toEqual(whole.report.tables);
    expect(rest.report.results.map(({ series }) => series)).toEqual(whole.report.results.map(({ series }) => series));
  });

  it('tells what it plans, how far it is and what came out', () => {
    const [first] = events;
    expect(first).toMatchObject({ kind: 'planned' });
    expect(first?.kind === 'planned' && first.cells.map(({ cell }) => cell.id)).toEqual([
      'vae-P1-1-seed1',
      'joint-P1-1-seed1',
      'vae-P1-4-seed1',
      'joint-P1-4-seed1',
    ]);
    const last = events.findLast((event) => event.kind === 'progress' && event.stage === 'training');
    expect(last).toMatchObject({ cell: { id: 'joint-P1-4-seed1' }, secondsLeft: 0 });
    expect(events.filter(({ kind }) => kind === 'cell-finished')).toHaveLength(4);
  });

  it('measures after each of the last epochs and puts the base rate and the paper beside', () => {
    const [table] = whole.report.tables;
    expect(table?.columns).toEqual(['1', '4', 'mean']);
    const rowOf = (...heads: string[]) => table?.rows.find((row) => heads.every((head, i) => row.heads[i] === head));
    // 42 of each digit: all 42 anomalies against a fifth of the 378 others, duplicates aside.
    expect(rowOf('base rate')?.values[0]?.mean).toBeCloseTo(42 / (42 + 0.2 * 378), 2);
    expect(rowOf('Ours, energy')?.values.map((value) => value?.mean)).toEqual([0.297, 0.723, 0.51]);
    expect(rowOf('vae', 'energy')).toBeUndefined();
    const { values, series, facts } = whole.report.results[1] ?? expect.fail('no results');
    expect(facts).toMatchObject({ epochs: 3, trainImages: expect.any(Number) as number });
    const byEpoch = series['energy/aupr'] ?? [];
    expect(byEpoch).toHaveLength(2);
    expect(values['energy/aupr']).toBeCloseTo(((byEpoch[0] ?? 0) + (byEpoch[1] ?? 0)) / 2, 12);
    expect(rowOf('joint', 'energy', 'mean over epochs')?.values[0]?.mean).toBe(values['energy/aupr']);
  });

  it('writes JSON, Markdown and a page that needs nothing else', async () => {
    const { dir } = whole;
    expect((await readdir(dir)).sort()).toEqual([
      'cells',
      'experiment.json',
      'results.html',
      'results.json',
      'results.md',
    ]);
    expect(await readExperimentReport(dir)).toEqual(whole.report);
    const html = await readFile(path.join(dir, 'results.html'), 'utf8');
    expect(html).not.toMatch(/(src|href)="(?!data:)/);
    expect(html.match(/src="data:image\/svg/g)).toHaveLength(8);
    expect(html.match(/src="data:image\/png/g)).toHaveLength(8);
    expect(html).toContain('0.723 ± 0.042');
    const markdown = await readFile(path.join(dir, 'results.md'), 'utf8');
    expect(markdown).toContain('| joint | energy | of the mean score |');
    for (const { file, csv } of whole.report.figures) {
      for (const name of [file, csv]) if (name !== null) await readFile(path.join(dir, name));
    }
  });

  it('refuses settings under which the figures would not belong together, and keeps what is there', async () => {
    const other = { ...job('whole'), epochs: 4 };
    await expect(runExperiment(other)).rejects.toMatchObject({ code: 'experiment/other-settings' });
    const again = await runExperiment({ ...job('whole'), digits: ['4'] });
    expect(again.report.cells).toEqual({ done: 2, total: 2 });
  });

  it('makes a cell again whose result is damaged, without training again', async () => {
    const file = path.join(folder, 'whole', 'cells', 'vae-P1-1-seed1', 'cell.json');
    await writeFile(file, '{"formatVersion": 1, "result"');
    let steps = 0;
    const again = await runExperiment({
      ...job('whole'),
      onEvent: (event) => {
        if (event.kind === 'progress') steps++;
      },
    });
    expect(steps).toBe(0);
    expect(again.report.tables).toEqual(whole.report.tables);
  });

  it('says what is wrong with what it was asked', async () => {
    const wrong = (change: Partial<ExperimentJob>) => expect(runExperiment({ ...job('wrong'), ...change })).rejects;
    await wrong({ experiment: 'nothing' }).toMatchObject({ code: 'experiment/unknown' });
    await wrong({ data: undefined }).toMatchObject({ code: 'experiment/settings' });
    await wrong({ methods: ['gan'] }).toMatchObject({ code: 'objective/unknown' });
    await wrong({ preset: 'x' }).toMatchObject({ code: 'preset/unknown' });
    await wrong({ scores: ['none' as 'energy'] }).toMatchObject({ code: 'experiment/settings' });
    await wrong({ samples: 5 }).toMatchObject({ code: 'experiment/settings' });
    await wrong({ digits: ['x'] }).toMatchObject({ code: 'dataset/unknown-label' });
    await wrong({ data: path.join(folder, 'none'), out: path.join(folder, 'new') }).toMatchObject({
      code: 'dataset/missing',
    });
    await writeFile(path.join(folder, 'notes.txt'), '');
    await wrong({ out: folder }).toMatchObject({ code: 'experiment/folder' });
  });
});
