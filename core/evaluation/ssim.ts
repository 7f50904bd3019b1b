/** Structural similarity of two images (Wang, Bovik, Sheikh and Simoncelli 2004, "Image quality assessment", Eq. 13 and section III-C). */
import { CoreError } from '../errors.ts';

export interface SsimOptions {
  /** Pixels. */
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  /** Distance between black and white: 2 for images in [-1, 1], 255 for bytes. */
  readonly range: number;
}

/** The paper's: an 11x11 Gaussian window of deviation 1.5, K1 = 0.01, K2 = 0.03. */
const side = 11;
const deviation = 1.5;
const k1 = 0.01;
const k2 = 0.03;

const kernel = gaussian();

function gaussian(): Float64Array {
  const half = (side - 1) / 2;
  const values = Float64Array.from({ length: side }, (_, i) => Math.exp(-((i - half) ** 2) / (2 * deviation ** 2)));
  const sum = values.reduce((a, b) => a + b, 0);
  return values.map((value) => value / sum);
}

/** Weighted means of every whole window, [height - 10, width - 10]: rows first, then columns. */
function blur(values: Float64Array, width: number, height: number): Float64Array {
  const across = width - side + 1;
  const down = height - side + 1;
  const rows = new Float64Array(across * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < across; x++) {
      let sum = 0;
      for (let i = 0; i < side; i++) sum += (kernel[i] ?? 0) * (values[y * width + x + i] ?? 0);
      rows[y * across + x] = sum;
    }
  }
  const result = new Float64Array(across * down);
  for (let y = 0; y < down; y++) {
    for (let x = 0; x < across; x++) {
      let sum = 0;
      for (let i = 0; i < side; i++) sum += (kernel[i] ?? 0) * (rows[(y + i) * across + x] ?? 0);
      result[y * across + x] = sum;
    }
  }
  return result;
}

/**
 * Mean over all windows that lie wholly inside the image, then over channels; 1 for equal images, at least -1. Pixels row-major, channels
 * last. Throws `evaluation/length` for arrays of another length and `evaluation/size` for images smaller than the window.
 */
export function ssim(actual: ArrayLike<number>, expected: ArrayLike<number>, options: SsimOptions): number {
  const { width, height, channels, range } = options;
  const length = width * height * channels;
  if (actual.length !== length || expected.length !== length) {
    const text = `Got ${actual.length} and ${expected.length} values for images of ${width}x${height}x${channels}.`;
    throw new CoreError('evaluation/length', `${text} Give ${length} values each.`);
  }
  if (width < side || height < side || !(range > 0)) {
    const text = `SSIM needs ${side}x${side} pixels or more and a range above 0; got ${width}x${height} and ${range}.`;
    throw new CoreError('evaluation/size', `${text} Give larger images.`);
  }
  const [c1, c2] = [(k1 * range) ** 2, (k2 * range) ** 2];
  let total = 0;
  for (let channel = 0; channel < channels; channel++) {
    const plane = (values: ArrayLike<number>): Float64Array =>
      Float64Array.from({ length: width * height }, (_, i) => values[i * channels + channel] ?? NaN);
    const [x, y] = [plane(actual), plane(expected)];
    const product = (a: Float64Array, b: Float64Array): Float64Array => a.map((value, i) => value * (b[i] ?? NaN));
    const [mx, my] = [blur(x, width, height), blur(y, width, height)];
    const xx = blur(product(x, x), width, height);
    const yy = blur(product(y, y), width, height);
    const xy = blur(product(x, y), width, height);
    let sum = 0;
    for (let i = 0; i < mx.length; i++) {
      const [a, b] = [mx[i] ?? NaN, my[i] ?? NaN];
      const [varianceX, varianceY] = [(xx[i] ?? NaN) - a * a, (yy[i] ?? NaN) - b * b];
      const covariance = (xy[i] ?? NaN) - a * b;
      sum += ((2 * a * b + c1) * (2 * covariance + c2)) / ((a * a + b * b + c1) * (varianceX + varianceY + c2));
    }
    total += sum / mx.length;
  }
  return total / channels;
}
