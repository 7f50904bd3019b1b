import { describe, expect, it } from 'vitest';
import { ssim } from '../../../core/evaluation/ssim.ts';
import { Random } from '../../../core/random.ts';

const options = { width: 16, height: 14, channels: 1, range: 255 } as const;
const length = options.width * options.height;

function noise(seed: number, scale = 255, count = length): number[] {
  const random = Random.seeded(seed);
  return Array.from({ length: count }, () => scale * random.uniform());
}

/** Eq. 13 of the paper written as it stands there, window by window. */
function plainSsim(x: readonly number[], y: readonly number[], { width, height, range }: typeof options): number {
  const weights = Array.from({ length: 121 }, (_, i) =>
    Math.exp(-((Math.floor(i / 11) - 5) ** 2 + ((i % 11) - 5) ** 2) / (2 * 1.5 ** 2)),
  );
  const total = weights.reduce((a, b) => a + b, 0);
  const [c1, c2] = [(0.01 * range) ** 2, (0.03 * range) ** 2];
  const values: number[] = [];
  for (let top = 0; top + 11 <= height; top++) {
    for (let left = 0; left + 11 <= width; left++) {
      const at = (i: number): number => (top + Math.floor(i / 11)) * width + left + (i % 11);
      const mean = (f: (i: number) => number): number =>
        weights.reduce((sum, weight, i) => sum + (weight / total) * f(at(i)), 0);
      const mx = mean((i) => x[i] ?? NaN);
      const my = mean((i) => y[i] ?? NaN);
      const vx = mean((i) => ((x[i] ?? NaN) - mx) ** 2);
      const vy = mean((i) => ((y[i] ?? NaN) - my) ** 2);
      const cov = mean((i) => ((x[i] ?? NaN) - mx) * ((y[i] ?? NaN) - my));
      values.push(((2 * mx * my + c1) * (2 * cov + c2)) / ((mx ** 2 + my ** 2 + c1) * (vx + vy + c2)));
    }
  }
  return values.reduce((a, b) => a + b, 0) / values.length;
}

describe('ssim', () => {
  it('is 1 for equal images and falls with noise', () => {
    const image = noise(1);
    expect(ssim(image, image, options)).toBeCloseTo(1, 12);
    const distorted = (amount: number): number =>
      ssim(
        image,
        image.map((value, i) => value + amount * (noise(2)[i] ?? 0)),
        options,
      );
    expect(distorted(0.1)).toBeGreaterThan(distorted(0.3));
    expect(distorted(0.3)).toBeGreaterThan(distorted(1));
  });

  it('is what the equation says of even images, by hand', () => {
    // No variance: only the luminance term (2 * 100 * 200 + 6.5025) / (100^2 + 200^2 + 6.5025).
    const even = (value: number): number[] => new Array<number>(length).fill(value);
    expect(ssim(even(100), even(200), options)).toBeCloseTo(40006.5025 / 50006.5025, 10);
  });

  it('agrees with the equation written out', () => {
    const [x, y] = [noise(3), noise(4, 128)];
    expect(ssim(x, y, options)).toBeCloseTo(plainSsim(x, y, options), 9);
    const inverted = x.map((value) => 255 - value);
    expect(ssim(x, inverted, options)).toBeCloseTo(plainSsim(x, inverted, options), 9);
    expect(ssim(x, inverted, options)).toBeLessThan(-0.5);
  });

  it('is the mean of the channels', () => {
    const [a, b, c] = [noise(5), noise(6), noise(7)];
    const both = (x: readonly number[], y: readonly number[]): number[] => x.flatMap((value, i) => [value, y[i] ?? 0]);
    const together = ssim(both(a, b), both(a, c), { ...options, channels: 2 });
    expect(together).toBeCloseTo((1 + ssim(b, c, options)) / 2, 10);
  });

  it('refuses what it has no window for', () => {
    expect(() => ssim([1], [1, 2], options)).toThrow('224 values');
    expect(() => ssim(noise(1, 1, 100), noise(1, 1, 100), { ...options, width: 10, height: 10 })).toThrow('11x11');
  });
});
