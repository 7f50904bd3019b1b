/** Views: images turned, scaled, sheared and moved a little, so that networks can learn what does not matter. */
import * as tf from '@tensorflow/tfjs';
import type { RandomFeed } from './types.ts';

/** Largest changes at strength 1. */
const TURN = Math.PI / 6;
/** Of the logarithm of the scale. */
const SCALE = 0.3;
const SHEAR = 0.4;
/** Share of the image's side. */
const SHIFT = 1 / 7;

/** Uniform draws [batch, 5] that {@link viewsOf} needs. */
export function viewDraws(batch: number): RandomFeed {
  return { kind: 'uniform', shape: [batch, 5] };
}

/**
 * One view of each image [batch, size, size, channels]: an affine change drawn by `draws` (in [0, 1)) about the centre, sampled
 * bilinearly, what lies outside continued by the edge. No gradient flows.
 */
export function viewsOf(images: tf.Tensor4D, draws: tf.Tensor, strength: number): tf.Tensor4D {
  const [batch, size, , channels] = images.shape;
  return tf.tidy(() => {
    const column = (index: number, most: number): tf.Tensor =>
      tf.mul(tf.sub(tf.slice(draws, [0, index], [-1, 1]), 0.5), 2 * most * strength); // [batch, 1]
    const turn = column(0, TURN);
    const scale = tf.exp(column(1, SCALE));
    const cos = tf.mul(tf.cos(turn), scale);
    const sin = tf.mul(tf.sin(turn), scale);
    const centre = (size - 1) / 2;
    const cells = Array.from({ length: size * size }, (_, i) => i);
    const right = tf.tensor2d(
      cells.map((i) => (i % size) - centre),
      [1, size * size],
    );
    const down = tf.tensor2d(
      cells.map((i) => Math.floor(i / size) - centre),
      [1, size * size],
    );
    const inside = (place: tf.Tensor, shift: tf.Tensor): tf.Tensor =>
      tf.clipByValue(tf.add(place, tf.add(shift, centre)), 0, size - 1); // [batch, size * size]
    const x = inside(tf.add(tf.mul(cos, right), tf.mul(tf.add(sin, column(2, SHEAR)), down)), column(3, SHIFT * size));
    const y = inside(tf.sub(tf.mul(cos, down), tf.mul(sin, right)), column(4, SHIFT * size));
    return tf.reshape(sample(tf.reshape(images, [-1, channels]), x, y, size), [batch, size, size, channels]);
  });
}

/** Bilinear samples of `pixels` [batch * size * size, channels] at x, y [batch, size * size] within [0, size - 1]. */
function sample(pixels: tf.Tensor2D, x: tf.Tensor, y: tf.Tensor, size: number): tf.Tensor {
  const [batch] = x.shape;
  // The last but one at most, so that its neighbour exists; the fraction is 1 there.
  const left = tf.minimum(tf.floor(x), size - 2);
  const top = tf.minimum(tf.floor(y), size - 2);
  const first = tf.tensor2d(
    Array.from({ length: batch }, (_, i) => i * size * size),
    [batch, 1],
  );
  // Whole numbers below 2^24, exact in float32, for any batch that fits into memory.
  const corner = tf.cast(tf.add(tf.add(tf.mul(top, size), left), first), 'int32');
  const at = (offset: number): tf.Tensor =>
    tf.gather(pixels, tf.reshape(tf.add(corner, tf.scalar(offset, 'int32')), [-1]));
  const along = (fraction: tf.Tensor): tf.Tensor => tf.reshape(fraction, [-1, 1]);
  const [across, downwards] = [along(tf.sub(x, left)), along(tf.sub(y, top))];
  const between = (a: tf.Tensor, b: tf.Tensor, share: tf.Tensor): tf.Tensor => tf.add(a, tf.mul(tf.sub(b, a), share));
  return between(between(at(0), at(1), across), between(at(size), at(size + 1), across), downwards);
}
