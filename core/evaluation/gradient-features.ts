/**
 * Features of images without a trained network: histograms of gradient orientations (after Dalal and Triggs 2005, without their block
 * normalisation, so that contrast and noise count) and means and spreads of colour, in cells, at three scales. Deterministic; nothing is
 * downloaded. Distances in these features compare sets measured here with one another; they are not FID and not comparable with any paper's.
 */
import { CoreError } from '../errors.ts';
import { resizeBilinear } from './resize.ts';

/** Images as bytes, row-major, channels last. */
export interface ByteImages {
  readonly pixels: ArrayLike<number>;
  readonly count: number;
  /** Side of the squares. */
  readonly size: number;
  readonly channels: number;
}

/** Side that every image is brought to. */
const side = 32;
const orientations = 8;
/** Cells across at the full side, a half and a quarter of it. */
const scales = [4, 4, 2] as const;
const colourCells = 4;

const gradientCount = scales.reduce((sum, cells) => sum + cells * cells * orientations, 0);
/** Brightness and the two opponent colours (red - green, yellow - blue): mean and spread. */
const colourCount = colourCells * colourCells * 3 * 2;

/** Length of an image's features. */
export const gradientFeatureSize: number = gradientCount + colourCount;

/** Raise the number with every change of what is computed: stored statistics belong to one version. */
export const gradientFeatureName = 'gradient-histograms-1';

/** Half the side, means of four pixels. */
function halved(plane: Float64Array, width: number): Float64Array {
  const half = width / 2;
  return Float64Array.from({ length: half * half }, (_, i) => {
    const at = 2 * Math.floor(i / half) * width + 2 * (i % half);
    const sum = (plane[at] ?? 0) + (plane[at + 1] ?? 0) + (plane[at + width] ?? 0) + (plane[at + width + 1] ?? 0);
    return sum / 4;
  });
}

/** Mean gradient of each cell by direction, each shared between the two nearest of the directions; the root, so that strong edges do not drown all. */
function addGradients(plane: Float64Array, width: number, cells: number, target: Float32Array, offset: number): void {
  const cell = width / cells;
  const sums = new Float64Array(cells * cells * orientations);
  for (let y = 0; y < width; y++) {
    for (let x = 0; x < width; x++) {
      const at = y * width + x;
      // Borders repeat, so that an even image has no edges.
      const dx = (plane[x + 1 < width ? at + 1 : at] ?? 0) - (plane[x > 0 ? at - 1 : at] ?? 0);
      const dy = (plane[y + 1 < width ? at + width : at] ?? 0) - (plane[y > 0 ? at - width : at] ?? 0);
      // Math.hypot is ten times slower, and nothing overflows here.
      const size = Math.sqrt(dx * dx + dy * dy);
      if (size === 0) continue;
      const turn = ((Math.atan2(dy, dx) / (2 * Math.PI) + 1) % 1) * orientations;
      const bin = Math.floor(turn) % orientations;
      const share = turn - Math.floor(turn);
      const start = (Math.floor(y / cell) * cells + Math.floor(x / cell)) * orientations;
      const next = start + ((bin + 1) % orientations);
      sums[start + bin] = (sums[start + bin] ?? 0) + size * (1 - share);
      sums[next] = (sums[next] ?? 0) + size * share;
    }
  }
  for (let i = 0; i < sums.length; i++) target[offset + i] = Math.sqrt((sums[i] ?? 0) / (cell * cell));
}

function addColours(planes: readonly Float64Array[], target: Float32Array, offset: number): void {
  const cell = side / colourCells;
  let position = offset;
  for (const plane of planes) {
    for (let i = 0; i < colourCells * colourCells; i++) {
      const corner = Math.floor(i / colourCells) * cell * side + (i % colourCells) * cell;
      let sum = 0;
      let squares = 0;
      for (let y = 0; y < cell; y++) {
        for (let x = 0; x < cell; x++) {
          const value = plane[corner + y * side + x] ?? 0;
          sum += value;
          squares += value * value;
        }
      }
      const mean = sum / (cell * cell);
      target[position++] = mean;
      target[position++] = Math.sqrt(Math.max(0, squares / (cell * cell) - mean * mean));
    }
  }
}

/** [count, {@link gradientFeatureSize}]; every feature lies near [0, 1]. Throws `evaluation/length` for pixels that do not fit the shape. */
export function gradientFeatures(images: ByteImages): Float32Array {
  const { pixels, count, size, channels } = images;
  const length = size * size * channels;
  if (pixels.length !== count * length || (channels !== 1 && channels !== 3)) {
    const text = `Got ${pixels.length} values for ${count} images of ${size}x${size}x${channels}.`;
    throw new CoreError('evaluation/length', `${text} Give whole images with 1 or 3 channels.`);
  }
  const features = new Float32Array(count * gradientFeatureSize);
  for (let i = 0; i < count; i++) {
    const planes = Array.from({ length: channels }, (_, channel) => {
      const plane = new Float64Array(size * size);
      for (let j = 0; j < plane.length; j++) plane[j] = (pixels[i * length + j * channels + channel] ?? 0) / 255;
      return resizeBilinear(plane, size, side);
    });
    const [red, green = red, blue = red] = planes as [Float64Array, Float64Array?, Float64Array?];
    const mix = (f: (r: number, g: number, b: number) => number): Float64Array =>
      red.map((value, j) => f(value, green[j] ?? 0, blue[j] ?? 0));
    const brightness = mix((r, g, b) => (r + g + b) / 3);
    let offset = i * gradientFeatureSize;
    let plane = brightness;
    let width = side;
    for (const [scale, cells] of scales.entries()) {
      if (scale > 0) {
        plane = halved(plane, width);
        width /= 2;
      }
      addGradients(plane, width, cells, features, offset);
      offset += cells * cells * orientations;
    }
    addColours([brightness, mix((r, g) => (r - g) / 2), mix((r, g, b) => (r + g - 2 * b) / 4)], features, offset);
  }
  return features;
}
