import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openSource } from '../../../core/datasets/open.ts';
import { prepareDataset } from '../../../core/datasets/prepared.ts';
import { withoutItems } from '../../../core/datasets/without.ts';
import { featuresOf } from '../../../core/nets/geometry.ts';
import { resolveOptions } from '../../../core/objectives/options.ts';
import { findObjective } from '../../../core/objectives/registry.ts';
import { makeGallery, remakeGallery } from '../../../core/galleries/gallery-job.ts';
import type { RunManifest } from '../../../core/runs/manifest.ts';
import type { RunFolder } from '../../../core/runs/run-folder.ts';
import { readCalibration } from '../../../core/scoring/calibration.ts';
import { evaluateRun } from '../../../core/scoring/evaluate.ts';
import { givenScores } from '../../../core/scoring/given-scores.ts';
import { ensureCalibration, openRunData } from '../../../core/scoring/held-out.ts';
import { openRunModel } from '../../../core/scoring/run-model.ts';
import { commonFolder, scorePictures } from '../../../core/scoring/score-job.ts';
import { scoreImages } from '../../../core/scoring/stream.ts';
import { preparation, spec, untrainedRun, writePictures } from './untrained-run.ts';

const scoresOfJoint = givenScores(findObjective('joint'));

describe('scoring, evaluating and exporting a run', () => {
  let folder = '';
  let data = '';
  let run: RunFolder;
  const formerCache = process.env['TRIANGLE_CACHE'];

  const makeRun = (name: string, change: Partial<RunManifest> = {}): Promise<RunFolder> =>
    untrainedRun(path.join(folder, name), data, change);

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'jobs-'));
    process.env['TRIANGLE_CACHE'] = path.join(folder, 'cache');
    data = path.join(folder, 'data');
    await writePictures(data);
    run = await makeRun('run');
  });
  afterAll(async () => {
    if (formerCache === undefined) delete process.env['TRIANGLE_CACHE'];
    else process.env['TRIANGLE_CACHE'] = formerCache;
    await run.close();
    await rm(folder, { recursive: true });
  });

  it('finds the held-out pictures again, none of them trained on', async () => {
    const { source, heldOut, trained } = await openRunData(run.manifest);
    const names = heldOut.map((index) => source.items[index]?.name ?? '');
    await source.close();
    expect(names).toHaveLength(20);
    expect(trained.size).toBe(20);
    expect(names.filter((name) => trained.has(name) || name.startsWith('NG'))).toEqual([]);
  });

  it('writes CSV, report, heatmaps and how it was done', async () => {
    const bad = path.join(folder, 'bad.png');
    await writeFile(bad, 'no picture');
    const out = path.join(folder, 'out', 'scores.csv');
    const rows: object[] = [];
    const summary = await scorePictures({
      run,
      inputs: [path.join(data, 'NG'), bad, path.join(data, 'OK', '00.png')],
      out,
      report: path.join(folder, 'out', 'report.html'),
      heatmaps: { dir: path.join(folder, 'out', 'maps'), overlay: true },
      threshold: { kind: 'false-alarms', rate: 0.05 },
      onResult: (row) => rows.push(row),
    });
    expect(summary).toMatchObject({ scored: 11, skipped: 1, score: 'combined' });
    const [header, ...lines] = (await readFile(out, 'utf8')).trimEnd().split('\r\n');
    expect(header).toBe(`image_path,pred_score,pred_label,${scoresOfJoint.join()},reconstruction_rmse,tiles`);
    expect(lines).toHaveLength(11);
    expect(rows).toHaveLength(11);
    expect(lines.at(-1)).toMatch(/OK\/00\.png,/);
    // Ten times the contrast is ten times the residual, whatever the networks.
    expect(summary.top[0]?.name).toContain('NG');
    expect(summary.anomalous).toBe(10);
    expect(await readdir(path.join(folder, 'out', 'maps'))).toContain('colour-bar-residual.png');
    expect(await readdir(path.join(folder, 'out', 'maps', 'data', 'NG'))).toHaveLength(20);
    const report = await readFile(path.join(folder, 'out', 'report.html'), 'utf8');
    expect(report).toContain('>1.</span> data/NG/');
    const how = JSON.parse(await readFile(path.join(folder, 'out', 'scores.json'), 'utf8')) as { skippedCount: number };
    expect(how.skippedCount).toBe(1);
    expect(await readdir(path.join(folder, 'out'))).toHaveLength(4);
  });

  it('gives a picture the same scores alone as in its folder', async () => {
    const scoresOf = async (input: string): Promise<string[]> => {
      const out = path.join(folder, 'alone.csv');
      await scorePictures({ run, inputs: [input], out });
      return (await readFile(out, 'utf8')).split('\r\n').filter((line) => line.includes('NG/07.png'));
    };
    expect(await scoresOf(path.join(data, 'NG', '07.png'))).toEqual(await scoresOf(path.join(data, 'NG')));
  });

  it('keeps what was finished when it is cancelled, under another name', async () => {
    const abort = new AbortController();
    const out = path.join(folder, 'cancelled', 'scores.csv');
    // Two batches, so that there is something before the abort and something after it.
    const inputs = [path.join(data, 'OK'), path.join(data, 'NG'), path.join(folder, 'more')];
    await writePictures(path.join(folder, 'more'));
    const job = scorePictures({ run, inputs, out, signal: abort.signal, onResult: () => abort.abort() });
    await expect(job).rejects.toMatchObject({ code: 'cancelled' });
    expect(await readdir(path.dirname(out))).toEqual(['scores.partial.csv']);
  });

  it('compares likeness features with pictures that were trained on, where the networks have them', async () => {
    const nets = { ...spec, energyForm: 'coupled', energyViews: true } as const;
    const objective = { name: 'joint-matched', options: resolveOptions(findObjective('joint-matched')) };
    const alike = await untrainedRun(path.join(folder, 'alike'), data, { nets, objective });
    const model = await openRunModel(alike);
    const calibration = await ensureCalibration(alike, model);
    expect(await readCalibration(await alike.scoresPath('held-out.json'), model)).toEqual(calibration);
    const { count, featureNeighbours, neighbours, scores } = calibration;
    const { source, trained, heldOut } = await openRunData(alike.manifest);
    expect(featureNeighbours?.rows).toHaveLength(trained.size * featuresOf(nets));
    expect(neighbours?.rows).toHaveLength(count * nets.latent);
    const indices = source.items.flatMap(({ name }, i) => (trained.has(name) ? [i] : [])).slice(0, 5);
    const known: number[] = [];
    for await (const result of scoreImages({ model, list: source, indices, normals: calibration }))
      if (result.kind === 'scored') known.push(result.scores['feature-neighbours'] ?? Number.NaN);
    const strange = scores['feature-neighbours'] ?? [];
    // One of its three neighbours is the picture itself.
    const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
    expect(strange).toHaveLength(heldOut.length);
    expect(mean(known)).toBeLessThan(0.8 * mean(strange));
    await model.dispose();
    await source.close();
    await alike.close();
  });

  it('measures every score on what was not trained on', async () => {
    const evaluation = await evaluateRun({ run });
    expect(evaluation).toMatchObject({ images: 30, anomalous: 10, protocol: 'P2', pixel_AUROC: null });
    expect(evaluation.base_rate).toBeCloseTo(1 / 3, 9);
    expect(Object.keys(evaluation.scores)).toEqual(scoresOfJoint);
    expect(evaluation.scores.reconstruction?.image_AUROC).toBe(1);
    expect(Object.keys(evaluation.kinds)).toEqual(['NG']);
  });

  it('evaluates without the files that were left out of the run, whatever names the same data', async () => {
    const excludeFiles = ['NG/00.png', 'NG/01.png', 'OK/00.png'];
    const source = withoutItems(await openSource(data), excludeFiles);
    const prepared = await prepareDataset(source, preparation);
    const { fingerprint } = prepared;
    prepared.close();
    const fewer = await makeRun('fewer', { dataset: { ...run.manifest.dataset, excludeFiles, fingerprint } });
    // 39 normal pictures, every second of which was held out.
    for (const given of [undefined, data, path.join(folder, 'fewer', '..', 'data')]) {
      const evaluation = await evaluateRun({ run: fewer, data: given });
      expect(evaluation).toMatchObject({ anomalous: 8 });
      expect([27, 28]).toContain(evaluation.images);
    }
    await fewer.close();
  });

  it('refuses protocol P1 for a run of the official split', async () => {
    await expect(evaluateRun({ run, protocol: 'P1' })).rejects.toMatchObject({ code: 'scoring/protocol' });
  });

  it('calibrates a run of protocol P1 on training images, and says so', async () => {
    const split = { seed: 1, heldOutFraction: 0.1, validationLimit: 100, protocol: 'P1' } as const;
    const dataset = { ...run.manifest.dataset, excludeLabels: ['NG'] };
    const p1 = await makeRun('p1', { split, dataset });
    const evaluation = await evaluateRun({ run: p1 });
    expect(evaluation).toMatchObject({ protocol: 'P1', images: 8 + 10, anomalous: 10 });
    const { threshold } = await scorePictures({ run: p1, inputs: [path.join(data, 'OK')] });
    expect(threshold.explanation).toContain('trained on');
    await p1.close();
  });

  it('refuses data that has changed', async () => {
    const changed = await makeRun('changed', { dataset: { ...run.manifest.dataset, fingerprint: 'other' } });
    await expect(evaluateRun({ run: changed })).rejects.toMatchObject({ code: 'scoring/data-changed' });
    await changed.close();
  });

  it('draws galleries whose pictures can be made again', async () => {
    for (const kind of ['samples', 'reconstructions', 'interpolation'] as const) {
      const out = path.join(folder, 'gallery', `${kind}.png`);
      const singles = path.join(folder, 'gallery', kind);
      const result = await makeGallery({ run, kind, count: 8, seed: 4, out, singles });
      expect(result.count).toBe(kind === 'reconstructions' ? 16 : 8);
      const [file] = await remakeGallery({
        run,
        manifest: result.manifest,
        pick: [5],
        out: path.join(folder, 'again'),
      });
      expect(await readFile(file ?? '')).toEqual(await readFile(result.singles[5] ?? ''));
    }
  });
});

describe('commonFolder', () => {
  it.each([
    [['a/b/c.png', 'a/b/d.png'], 'a/b/'],
    [['a/b/c.png', 'a/bd/d.png'], 'a/'],
    [['one.png'], ''],
    [['x/y.png', 'z.png'], ''],
    [[], ''],
  ])('of %j is %j', (names, folder) => expect(commonFolder(names)).toBe(folder));
});
