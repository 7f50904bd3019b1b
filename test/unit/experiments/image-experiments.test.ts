import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runExperiment } from '../../../core/experiments/run-experiment.ts';
import type { ExperimentJob, ExperimentResult, ResultTable } from '../../../core/experiments/types.ts';

const digits = 'builtin:digits?count=240';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'experiments-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** All three share the runs of one folder. */
function job(experiment: string, change: Partial<ExperimentJob>): ExperimentJob {
  return {
    experiment,
    out: path.join(folder, experiment),
    methods: ['vae', 'joint'],
    epochs: 1,
    preset: 'quick',
    device: 'onnx-cpu',
    threads: 1,
    cacheDir: path.join(folder, 'cache'),
    ...change,
  };
}

const valueOf = (table: ResultTable | undefined, row: string, column: string): number | undefined =>
  table?.rows.find(({ heads }) => heads.join(' ') === row)?.values[table.columns.indexOf(column)]?.mean;

const tableOf = ({ report }: ExperimentResult, id: string): ResultTable | undefined =>
  report.tables.find((table) => table.id === id);

describe('experiments on sets of images', () => {
  it('reconstructs test images and compares samples, with one training for both', async () => {
    const sets = { own: digits };
    const runs = path.join(folder, 'runs');
    const reconstruction = await runExperiment(job('reconstruction', { sets, runs }));
    const rmse = valueOf(tableOf(reconstruction, 'rmse'), 'vae', 'own') ?? NaN;
    expect(rmse).toBeGreaterThan(0.1);
    expect(rmse).toBeLessThan(2);
    expect(reconstruction.report.results[0]?.facts).toMatchObject({ trainImages: 200, testImages: 40 });
    expect(valueOf(tableOf(reconstruction, 'ssim'), 'joint', 'own')).toBeLessThan(1);

    let trained = 0;
    const generation = await runExperiment({
      ...job('generation', { sets, runs, samples: 100 }),
      onEvent: (event) => {
        if (event.kind === 'progress' && event.stage === 'training') trained++;
      },
    });
    expect(trained).toBe(0);
    expect(await readdir(runs)).toEqual(['joint-own-seed1', 'vae-own-seed1']);
    const distances = tableOf(generation, 'frechet');
    expect(distances?.title).toContain('not FID');
    // Real test images are nearer than the samples of networks after three steps.
    const floor = valueOf(distances, 'test images', 'own') ?? NaN;
    expect(valueOf(distances, 'vae', 'own')).toBeGreaterThan(2 * floor);
    expect(valueOf(tableOf(generation, 'precision'), 'test images', 'own')).toBeGreaterThan(0.5);
    // Of the training and the test images, not of each method.
    expect(await readdir(path.join(folder, 'generation', 'features'))).toHaveLength(2);
    expect(await readFile(path.join(folder, 'generation', 'results.md'), 'utf8')).toContain('109.5 / 99.09 / 175.2');
  });

  it('tells sets of other images apart, with noise and training images beside', async () => {
    const result = await runExperiment(
      job('ood', { data: digits, sets: { own: 'builtin:tiles?count=40' }, scores: ['energy', 'reconstruction'] }),
    );
    const table = tableOf(result, 'auroc');
    expect(table?.columns).toEqual(['uniform', 'own', 'train']);
    expect(valueOf(table, 'Ours paper', 'uniform')).toBe(1);
    // Networks after three steps draw grey: noise is nearer to that than black and white digits are.
    expect(valueOf(table, 'vae reconstruction', 'uniform')).toBeLessThan(0.1);
    const train = valueOf(table, 'vae reconstruction', 'train') ?? NaN;
    expect(Math.abs(train - 0.5)).toBeLessThan(0.2);
    expect(valueOf(table, 'joint energy', 'own')).toBeGreaterThanOrEqual(0);
    expect(result.report.figures.map(({ file }) => path.posix.basename(file))).toEqual([
      'likelihood.svg',
      'sets.png',
      'likelihood.svg',
      'sets.png',
    ]);
    const csv = await readFile(path.join(result.dir, result.report.figures[0]?.csv ?? ''), 'utf8');
    expect(csv.split('\r\n')[0]).toBe('from,to,test images,own,uniform,training images');
  });

  it('refuses runs of something else, unknown sets and none at all', async () => {
    const refused = (change: Partial<ExperimentJob>) => expect(runExperiment(job('reconstruction', change))).rejects;
    const out = path.join(folder, 'other');
    const sets = { own: 'builtin:digits?count=300' };
    await refused({ out, sets, runs: path.join(folder, 'runs') }).toMatchObject({ code: 'experiment/other-run' });
    await refused({ out: path.join(folder, 'x'), sets: { imagenet: digits } }).toMatchObject({
      code: 'experiment/settings',
    });
    await refused({ out: path.join(folder, 'z'), sets, methods: ['dcgan'] }).toMatchObject({
      code: 'objective/cannot',
    });
    await refused({ out: path.join(folder, 'y'), sets: {} }).toMatchObject({ code: 'experiment/settings' });
  });
});
