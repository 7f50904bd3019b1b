/** Sets of images that are no datasets on disk: noise, and images without their colours. */
import { Random } from '../random.ts';
import type { ImageShape } from '../datasets/types.ts';

/** Images by index: what scoring reads from. */
export interface ImageArray {
  readonly shape: ImageShape;
  readonly inputs: Int32Array;
  /** Copies images, uint8 NHWC, one after the other into `target`. */
  read(indices: ArrayLike<number>, target: Uint8Array): void;
}

/** Independent uniform bytes; image i depends on the seed and i alone. */
export function uniformNoise(shape: ImageShape, count: number, seed: number): ImageArray {
  const length = shape.height * shape.width * shape.channels;
  return {
    shape,
    inputs: Int32Array.from({ length: count }, (_, i) => i),
    read(indices, target) {
      for (let i = 0; i < indices.length; i++) {
        const random = Random.seeded(seed, `uniform/${indices[i] ?? 0}`);
        for (let j = 0; j < length; j++) target[i * length + j] = random.uint32() >>> 24;
      }
    },
  };
}

/** Each pixel's channels replaced by their mean. */
export function inGrey(images: ImageArray): ImageArray {
  return {
    ...images,
    read(indices, target) {
      images.read(indices, target);
      for (let i = 0; i + 2 < target.length; i += 3) {
        const mean = Math.round(((target[i] ?? 0) + (target[i + 1] ?? 0) + (target[i + 2] ?? 0)) / 3);
        target.fill(mean, i, i + 3);
      }
    },
  };
}

/** Looked at until the answer is sure enough. */
const looks = 200;
/** Rounding and compression leave a little colour in grey pictures. */
const tolerance = 8;

/** Whether no image has any colour to speak of. */
export function isColourless(images: ImageArray): boolean {
  const { shape, inputs } = images;
  if (shape.channels === 1) return true;
  const chosen = inputs.slice(0, looks);
  const pixels = new Uint8Array(chosen.length * shape.height * shape.width * 3);
  images.read(chosen, pixels);
  for (let i = 0; i + 2 < pixels.length; i += 3) {
    const [r = 0, g = 0, b = 0] = [pixels[i], pixels[i + 1], pixels[i + 2]];
    if (Math.max(r, g, b) - Math.min(r, g, b) > tolerance) return false;
  }
  return true;
}
