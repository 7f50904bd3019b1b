import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { records, scratchFolder, triangle } from './command-line.ts';

/** Train, score, evaluate, gallery, export, one after the other on a run that is too small to be good. */
describe('the whole way on the command line', { timeout: 120_000 }, () => {
  const dir = scratchFolder();
  const run = path.join(dir, 'run');
  const pictures = path.join(dir, 'pictures');

  beforeAll(async () => {
    const trained = await triangle([
      ...['train', '--data', 'builtin:digits?count=600', '--exclude-label', '4', '--preset', 'quick', '--width', '4'],
      ...['--steps', '30', '--batch', '32', '--device', 'onnx-cpu', '--out', run],
    ]);
    expect(trained.code, trained.stderr).toBe(0);
    mkdirSync(pictures);
    for (const [name, level] of [
      ['dark', 0],
      ['bright', 255],
      ['grey', 128],
    ] as const) {
      const image = sharp({
        create: { width: 40, height: 30, channels: 3, background: { r: level, g: level, b: level } },
      });
      await image.png().toFile(path.join(pictures, `${name}.png`));
    }
    writeFileSync(path.join(pictures, 'broken.png'), 'no picture');
  }, 120_000);

  it('scores a folder, skips what is broken, and writes CSV, heatmaps and report', async () => {
    const [csv, report, maps] = ['scores.csv', 'report.html', 'maps'].map((name) => path.join(dir, name)) as [
      string,
      string,
      string,
    ];
    const scored = await triangle([
      'score',
      '--run',
      run,
      pictures,
      '--out',
      csv,
      '--report',
      report,
      '--heatmaps',
      maps,
      '--json',
    ]);
    expect(scored.code, scored.stderr).toBe(0);
    const lines = readFileSync(csv, 'utf8').trim().split(/\r?\n/);
    expect(lines[0]).toMatch(/^image_path,pred_score,pred_label,energy,/);
    expect(lines).toHaveLength(4);
    expect(records(scored.stdout).find((record) => 'skipped' in record)?.['skipped']).toContain('broken.png');
    expect(readFileSync(report, 'utf8')).toContain('<!doctype html>');
    expect(existsSync(maps)).toBe(true);
  });

  it('evaluates on the excluded label', async () => {
    const evaluated = await triangle(['evaluate', '--run', run, '--json']);
    expect(evaluated.code, evaluated.stderr).toBe(0);
    const [result] = records(evaluated.stdout);
    expect(result).toMatchObject({ images: 100, anomalous: 10, base_rate: 0.1, estimator: 'average-precision' });
    expect(Object.keys(result?.['scores'] as object)).toEqual(
      expect.arrayContaining(['energy', 'reconstruction', 'local', 'elbo', 'joint', 'features', 'combined']),
    );
  });

  it('draws the same gallery twice, bit for bit', async () => {
    const draw = async (name: string): Promise<Buffer> => {
      const file = path.join(dir, name);
      const drawn = await triangle(['gallery', '--run', run, '--count', '9', '--seed', '5', '--out', file]);
      expect(drawn.code, drawn.stderr).toBe(0);
      return readFileSync(file);
    };
    expect((await draw('a.png')).equals(await draw('b.png'))).toBe(true);
  });

  it('exports the three networks', async () => {
    const out = path.join(dir, 'exported');
    expect((await triangle(['export', '--run', run, '--out', out])).code).toBe(0);
    for (const name of ['generator.onnx', 'inference.onnx', 'energy.onnx', 'model.json'])
      expect(existsSync(path.join(out, name)), name).toBe(true);
  });

  it('says what is wrong and what to do, with the right exit code', async () => {
    const table: [string[], number, RegExp][] = [
      [['train', '--out', path.join(dir, 'x')], 2, /--data is missing/],
      [['train', '--data', path.join(dir, 'nowhere'), '--out', path.join(dir, 'x')], 1, /nowhere/],
      [['train', '--data', 'builtin:digits', '--out', run], 1, /--resume/],
      [['score', '--run', pictures, pictures], 1, /not a run/],
      [['train', '--data', 'builtin:digits', '--width', '0', '--out', path.join(dir, 'x')], 2, /--width/],
    ];
    for (const [words, code, message] of table) {
      const result = await triangle(words);
      expect(result.code, words.join(' ')).toBe(code);
      expect(result.stderr).toMatch(message);
      expect(result.stderr).not.toMatch(/\n\s+at /);
    }
  });
});
