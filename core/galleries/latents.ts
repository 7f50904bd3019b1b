/** Latent vectors of galleries: each is a function of its seed and its own number alone, so that picture 7 of 8 is picture 7 of 800. */
import { CoreError } from '../errors.ts';
import { Random } from '../random.ts';

/** How `sampleLatent` draws, in words; stored in the manifest. */
export const latentRule =
  'Random.seeded(seed, "sample <index>").normals(latent, temperature): xoshiro128** 1.1 seeded by SplitMix32, Box and Muller';

/** How a picture of a chain draws its start and its noise, from the stream of the same name. */
export const chainRule =
  'Random.seeded(seed, "sample <index>"): 2 uniform() - 1 for each number of the start, then normals(numbers, temperature) for each step: xoshiro128** 1.1 seeded by SplitMix32, Box and Muller';

/** The random stream of sample `index` of `seed`. */
export function sampleStream(seed: number, index: number): Random {
  return Random.seeded(seed, `sample ${index}`);
}

/** z of sample `index` of `seed`, N(0, temperature^2 I), [latent]. */
export function sampleLatent(seed: number, index: number, latent: number, temperature: number): Float32Array {
  return sampleStream(seed, index).normals(latent, temperature);
}

/**
 * Spherical interpolation (Shoemake 1985) of the directions with linear interpolation of the lengths: in many dimensions draws of the prior lie near
 * a sphere, and the straight line between two of them leaves it. Parallel or zero vectors are interpolated linearly. t in [0, 1].
 */
export function interpolateLatents(from: Float32Array, to: Float32Array, t: number): Float32Array {
  const lengthFrom = Math.hypot(...from);
  const lengthTo = Math.hypot(...to);
  let dot = 0;
  for (let i = 0; i < from.length; i++) dot += (from[i] ?? 0) * (to[i] ?? 0);
  const cosine = Math.min(1, Math.max(-1, dot / (lengthFrom * lengthTo)));
  const angle = Math.acos(cosine);
  const sine = Math.sin(angle);
  // The ends are the vectors themselves, to the bit.
  if (t === 0) return from.slice();
  if (t === 1) return to.slice();
  if (!(sine > 1e-6)) return from.map((value, i) => value + ((to[i] ?? 0) - value) * t);
  const length = lengthFrom + (lengthTo - lengthFrom) * t;
  const a = (Math.sin((1 - t) * angle) / sine / lengthFrom) * length;
  const b = (Math.sin(t * angle) / sine / lengthTo) * length;
  return from.map((value, i) => a * value + b * (to[i] ?? 0));
}

/** float32 little-endian as base64: exact, and short enough for a manifest. */
export function encodeLatent(latent: Float32Array): string {
  const bytes = Buffer.alloc(latent.length * 4);
  latent.forEach((value, i) => bytes.writeFloatLE(value, 4 * i));
  return bytes.toString('base64');
}

/** Throws `gallery/manifest` when the text does not hold `length` numbers. */
export function decodeLatent(text: string, length: number): Float32Array {
  const bytes = Buffer.from(text, 'base64');
  if (bytes.length !== 4 * length) {
    const got = `A latent vector of ${bytes.length} bytes was found where the model has ${length} numbers of 4 bytes.`;
    throw new CoreError('gallery/manifest', `${got} Use the run that the gallery was made with.`);
  }
  return Float32Array.from({ length }, (_, i) => bytes.readFloatLE(4 * i));
}
