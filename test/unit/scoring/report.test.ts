import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { calibrate } from '../../../core/scoring/calibration.ts';
import { makeBins, ticks } from '../../../core/scoring/report/chart.ts';
import { escapeHtml, formatNumber } from '../../../core/scoring/report/html.ts';
import { writeReport } from '../../../core/scoring/report/write.ts';
import { scoreImages } from '../../../core/scoring/stream.ts';
import { thresholdFromNormals } from '../../../core/scoring/threshold.ts';
import type { ScoredImage } from '../../../core/scoring/types.ts';
import { collect, fakeModel, listOf, picture } from './fake-model.ts';

const hostile = "\"><script>alert(1)</script> & 'x'.png";

describe('escapeHtml', () => {
  it('makes names harmless in text and attributes', () => {
    expect(escapeHtml('<b a="1">&\'')).toBe('&lt;b a=&quot;1&quot;&gt;&amp;&#39;');
    expect(escapeHtml('gnp.\u202eexe')).toBe('gnp.\ufffdexe');
  });
});

describe('formatNumber', () => {
  it.each([
    [0, '0'],
    [12.34567, '12.35'],
    [-51.397991, '-51.4'],
    [1234567, '1.23e+6'],
    [0.0000123, '1.23e-5'],
    [Number.NaN, '–'],
  ])('writes %d as %s', (value, text) => expect(formatNumber(value)).toBe(text));
});

describe('the histogram', () => {
  it('counts every image once', () => {
    const scored = Array.from({ length: 300 }, (_, i) => i / 10);
    const bins = makeBins({ heldOut: [1, 2, 3], scored, threshold: 3, label: 'energy' });
    expect(bins.scored.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 9);
    expect(bins.heldOut.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 9);
  });

  it('is not squeezed by one huge score', () => {
    const scored = [...Array.from({ length: 999 }, (_, i) => i / 999), 1e9];
    const bins = makeBins({ heldOut: [0.5], scored, threshold: 0.9, label: 'energy' });
    expect(bins.high).toBeLessThan(2);
    expect(bins.clipped).toBe(true);
  });

  it('survives scores that are all equal', () => {
    const bins = makeBins({ heldOut: [2, 2], scored: [2], threshold: 2, label: 'energy' });
    expect(bins.high).toBeGreaterThan(bins.low);
  });

  it('has round ticks', () => {
    expect(ticks(0, 60)).toEqual([0, 10, 20, 30, 40, 50, 60]);
  });
});

describe('writeReport', () => {
  let page = '';
  beforeAll(async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'report-'));
    const pictures = Array.from({ length: 12 }, (_, i) =>
      picture(4, 4, (x, y) => 100 + ((x * y * i * 7) % (10 + 12 * i))),
    );
    const plain = listOf(pictures);
    const list = { ...plain, items: plain.items.map((item, i) => (i === 3 ? { name: hostile } : item)) };
    const model = fakeModel();
    const calibration = await calibrate({ model, list, indices: [0, 1, 2, 3, 4, 5] });
    const results = await collect(scoreImages({ model, list, normals: calibration }));
    const scored = results.filter((result): result is ScoredImage => result.kind === 'scored');
    const ranked = [...scored].sort((a, b) => (b.scores.energy ?? 0) - (a.scores.energy ?? 0));
    const file = path.join(folder, 'new', 'report.html');
    await writeReport({
      file,
      model,
      calibration,
      list,
      score: 'energy',
      threshold: thresholdFromNormals(calibration.scores.energy ?? [], 0.2),
      values: scored.map(({ scores }) => scores.energy ?? NaN),
      most: ranked.slice(0, 9),
      least: ranked.slice(-5).reverse(),
      skipped: [
        {
          kind: 'skipped',
          index: -1,
          name: '<i>.png',
          problem: { name: '<i>.png', kind: 'empty', detail: 'It is <empty>.' },
        },
      ],
      skippedCount: 1,
      facts: [['Run', '<u>me</u>']],
      title: 'Scores of <here>',
      folder: '',
    });
    page = await readFile(file, 'utf8');
    await rm(folder, { recursive: true });
  });

  it('shows the most anomalous first and every picture once', () => {
    const shown = [...page.matchAll(/<div class="score"><span>([^<]+)<\/span>/g)].map((match) => Number(match[1]));
    expect(shown).toHaveLength(12);
    expect(shown.slice(0, 9)).toEqual([...shown.slice(0, 9)].sort((a, b) => b - a));
  });

  it('needs nothing from elsewhere and runs nothing', () => {
    expect(page).not.toMatch(/<script|<link|<iframe|javascript:|https?:|url\(/);
    expect(page).toContain("default-src 'none'");
    expect(
      [...page.matchAll(/<img[^>]*src="([^"]*)"/g)].every((match) => match[1]?.startsWith('data:image/webp;base64,')),
    ).toBe(true);
  });

  it('escapes whatever strangers named', () => {
    expect(page).toContain(escapeHtml(hostile));
    for (const raw of [hostile, '<i>', '<empty>', '<u>me', '<here>']) expect(page).not.toContain(raw);
  });

  it('describes each picture in words and does not rely on colour', () => {
    const images = [...page.matchAll(/<img[^>]*>/g)];
    expect(images).toHaveLength(24);
    expect(images.every(([tag]) => /alt="[^"]{8,}"/.test(tag))).toBe(true);
    expect(page).toMatch(/▲ anomalous/);
    expect(page).toMatch(/● normal/);
    expect(page).toContain('prefers-color-scheme: dark');
  });
});
