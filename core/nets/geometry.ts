/** Resolutions and channels of the networks for each image size: one rule for all three, so that they mirror one another. */
import { CoreError } from '../errors.ts';
import type { NetSpec } from './types.ts';

/** Sizes that halve cleanly; 8 and 16 exist for tests. */
const SIZES: readonly number[] = [8, 16, 28, 32, 64, 128];

/** Channels double per halving up to this many times the width. */
const LARGEST_FACTOR = 8;

/** The dense features of energy and critic are eight times the width, but no more than this: the layer would outgrow all others together. */
const MOST_FEATURES = 128;

export function featuresOf({ width }: Pick<NetSpec, 'width'>): number {
  return Math.min(8 * width, MOST_FEATURES);
}

export interface Geometry {
  /** Output channels of the convolutions that lead from the image to `top` by `top` pixels. */
  readonly encoder: readonly number[];
  /** Side of the smallest encoder map: always 4. */
  readonly top: number;
  /** Output channels of the generator's transposed convolutions, the image's own last. */
  readonly decoder: readonly number[];
  /** Side and channels of the generator's first map: 4, or 7 for 28 pixels. */
  readonly bottom: { readonly side: number; readonly channels: number };
}

/** Throws `nets/spec` for sizes, widths and latents that no network can have. */
export function geometryOf(spec: NetSpec): Geometry {
  if (!SIZES.includes(spec.size)) {
    throw new CoreError('nets/spec', `No network for images of ${spec.size} pixels. Choose 28, 32, 64 or 128.`);
  }
  for (const key of ['width', 'latent'] as const) {
    if (!Number.isInteger(spec[key]) || spec[key] < 1) {
      throw new CoreError('nets/spec', `Got ${key} ${spec[key]}. Choose a whole number of at least 1.`);
    }
  }
  const encoder: number[] = [];
  let top = spec.size;
  while (top > 4) {
    encoder.push(spec.width * Math.min(2 ** encoder.length, LARGEST_FACTOR));
    top = Math.ceil(top / 2);
  }
  let side = spec.size;
  let doublings = 0;
  while (side % 2 === 0 && side > 4) {
    side /= 2;
    doublings++;
  }
  const mirrored = encoder.toReversed();
  return {
    encoder,
    top,
    decoder: [...mirrored.slice(1, doublings), spec.channels],
    bottom: { side, channels: mirrored[0] ?? spec.width },
  };
}
