import { describe, expect, it } from 'vitest';
import { Random } from '../../../core/random.ts';
import { residualMap } from '../../../core/scoring/batches.ts';
import { squaredResiduals } from '../../../core/scoring/residuals.ts';
import { score as local } from '../../../core/scoring/scores/local.ts';
import { score as reconstruction } from '../../../core/scoring/scores/reconstruction.ts';
import type { Evidence } from '../../../core/scoring/types.ts';

const sigma = 0.5;

/** Random pictures and reconstructions; one place more than `count`, as in a batch that is padded. */
function evidenceOf(size: number, channels: number, count: number): Evidence {
  const random = Random.seeded(size + channels, 'scores');
  const length = size * size * channels;
  const values = (): Float32Array => random.normals((count + 1) * length);
  const posterior = { mean: new Float32Array(count), logVariance: new Float32Array(count) };
  const [images, reconstructions] = [values(), values()];
  return { count, size, imageLength: length, latent: 1, sigma, images, reconstructions, posterior, energy: null };
}

/** (x - g)^2 of image `i` at row `y`, column `x`, all channels, straight from the definition. */
function residualAt(evidence: Evidence, i: number, y: number, x: number): number {
  const { size, imageLength, images, reconstructions } = evidence;
  const channels = imageLength / (size * size);
  let sum = 0;
  for (let c = 0; c < channels; c++) {
    const at = i * imageLength + (y * size + x) * channels + c;
    sum += ((images[at] ?? 0) - (reconstructions[at] ?? 0)) ** 2;
  }
  return sum;
}

describe.each([
  [16, 1],
  [16, 3],
  [28, 1],
  [8, 3],
])('residuals of pictures of %i pixels and %i channels', (size, channels) => {
  const count = 3;
  const evidence = evidenceOf(size, channels, count);
  const sumOver = (i: number, rows: number[], columns: number[]): number =>
    rows.flatMap((y) => columns.map((x) => residualAt(evidence, i, y, x))).reduce((a, b) => a + b, 0);
  const all = Array.from({ length: size }, (_, i) => i);

  it('are summed over whole pictures', () => {
    const sums = squaredResiduals(evidence);
    expect(sums).toHaveLength(count);
    sums.forEach((sum, i) => expect(sum).toBeCloseTo(sumOver(i, all, all), 9));
    reconstruction.compute(evidence).forEach((value, i) => expect(value).toBeCloseTo((sums[i] ?? 0) / 0.5, 9));
  });

  it('are largest in the window that every window has been compared with', () => {
    const side = Math.max(2, Math.round(size / 8));
    const starts = all.slice(0, size - side + 1);
    const window = (start: number): number[] => all.slice(start, start + side);
    local.compute(evidence).forEach((value, i) => {
      const sums = starts.flatMap((y) => starts.map((x) => sumOver(i, window(y), window(x))));
      expect(value).toBeCloseTo(Math.max(...sums) / (side * side * channels * 2 * sigma ** 2), 9);
    });
  });

  it('are averaged over channels in maps', () => {
    const map = new Float32Array(2 * size * size).fill(-1);
    residualMap(evidence, 2, map, size * size);
    expect(map[size * size - 1]).toBe(-1);
    all.forEach((y) => {
      all.forEach((x) => {
        const expected = residualAt(evidence, 2, y, x) / channels;
        expect(map[size * size + y * size + x]).toBeCloseTo(expected, 4);
      });
    });
  });
});
