/**
 * Pictures of an objective without a generator: chains of its sampler's steps, whoever computes them (a step program while it trains,
 * an exported graph afterwards). Start and noise of a chain are drawn from a stream of its own, so that a picture is a function of its
 * seed and number alone.
 */
import { throwIfCancelled } from '../errors.ts';
import type { Random } from '../random.ts';

/** One step for `count` chains: images and noise [count, size, size, channels] -> images. */
export type ChainStep = (images: Float32Array, noise: Float32Array, count: number) => Promise<Float32Array>;

export interface ChainPlan {
  /** One stream for each chain. */
  readonly streams: readonly Random[];
  /** Numbers of one image. */
  readonly length: number;
  readonly steps: number;
  /** Factor of the noise; 1 is the sampler's own. */
  readonly temperatures?: readonly number[];
  /** Chains of a step; those beyond the streams are padding. */
  readonly batch?: number;
  readonly step: ChainStep;
  readonly signal?: AbortSignal | undefined;
  /** Called after each step with how many are done. */
  readonly onStep?: ((done: number) => void) | undefined;
}

/** [streams, ...image] in [-1, 1]. Throws `cancelled` when the signal is raised. */
export async function runChains(plan: ChainPlan): Promise<Float32Array> {
  const { streams, length, steps, step, temperatures, signal, onStep } = plan;
  const batch = plan.batch ?? streams.length;
  let images = new Float32Array(batch * length);
  streams.forEach((stream, i) => {
    for (let j = 0; j < length; j++) images[i * length + j] = 2 * stream.uniform() - 1;
  });
  const noise = new Float32Array(batch * length);
  for (let done = 1; done <= steps; done++) {
    throwIfCancelled(signal);
    streams.forEach((stream, i) => noise.set(stream.normals(length, temperatures?.[i] ?? 1), i * length));
    images = (await step(images, noise, batch)) as typeof images;
    onStep?.(done);
  }
  return images.slice(0, streams.length * length);
}
