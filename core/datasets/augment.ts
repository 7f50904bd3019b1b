/** Flips and small shifts of a batch while it is scaled: nothing is copied twice. */
import type { Random } from '../random.ts';
import type { Augmentation, ImageShape } from './types.ts';

export interface AugmentRequest {
  /** uint8 NHWC, and the float32 NHWC that results. */
  readonly pixels: Uint8Array;
  readonly images: Float32Array;
  readonly shape: ImageShape;
  readonly augmentation: Augmentation;
  readonly random: Random;
  /** Float value of each byte. */
  readonly scaled: Float32Array;
}

/** For each position along one side the position that it is taken from: flipped and shifted, edges repeated. */
function lookup(target: Int32Array, flip: boolean, shift: number): void {
  const last = target.length - 1;
  for (let i = 0; i <= last; i++) {
    const from = Math.min(last, Math.max(0, i - shift));
    target[i] = flip ? last - from : from;
  }
}

export function augmentInto({ pixels, images, shape, augmentation, random, scaled }: AugmentRequest): void {
  const { height, width, channels } = shape;
  const rows = new Int32Array(height);
  const columns = new Int32Array(width);
  const imageLength = height * width * channels;
  const span = 2 * augmentation.shift + 1;
  for (let start = 0; start < pixels.length; start += imageLength) {
    // Four draws an image whatever the settings, so that one setting does not change what another gives.
    const [flipX, flipY] = [random.uniform() < 0.5, random.uniform() < 0.5];
    const [shiftX, shiftY] = [random.integer(span) - augmentation.shift, random.integer(span) - augmentation.shift];
    lookup(columns, augmentation.flipHorizontal && flipX, shiftX);
    lookup(rows, augmentation.flipVertical && flipY, shiftY);
    let to = start;
    for (let y = 0; y < height; y++) {
      const row = start + (rows[y] ?? 0) * width * channels;
      for (let x = 0; x < width; x++) {
        const from = row + (columns[x] ?? 0) * channels;
        for (let c = 0; c < channels; c++) images[to++] = scaled[pixels[from + c] ?? 0] ?? 0;
      }
    }
  }
}
