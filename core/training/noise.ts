/** The random numbers of training steps: draws of the prior, the inference model's noise and what an objective asks for, each a stream of its own. */
import { CoreError } from '../errors.ts';
import type { RandomFeed, RandomFeeds } from '../objectives/types.ts';
import { Random, type RandomState } from '../random.ts';

/** JSON-safe. */
export interface NoiseState {
  readonly prior: RandomState;
  readonly inference: RandomState;
  /** By name of the feed; absent in checkpoints of objectives that ask for nothing more. */
  readonly more?: Readonly<Record<string, RandomState>>;
}

export interface StepNoise {
  /** N(0, I) [batch, latent], row-major. */
  readonly prior: Float32Array;
  readonly noise: Float32Array;
  /** By name of the feed. */
  readonly more?: Readonly<Record<string, Float32Array | Int32Array>>;
}

export class NoiseSource {
  readonly #prior: Random;
  readonly #inference: Random;
  readonly #more: readonly { readonly name: string; readonly feed: RandomFeed; readonly random: Random }[];

  /** Throws `training/checkpoint` for a state that lacks a stream. */
  constructor(seed: number, feeds: RandomFeeds = {}, state?: NoiseState) {
    const streamOf = (name: string, saved: RandomState | undefined): Random => {
      if (state === undefined) return Random.seeded(seed, name);
      if (saved !== undefined) return Random.restored(saved);
      const text = `The checkpoint has no random state "${name}". Use the checkpoint with the settings that it was made with.`;
      throw new CoreError('training/checkpoint', text);
    };
    this.#prior = streamOf('prior', state?.prior);
    this.#inference = streamOf('inference', state?.inference);
    this.#more = Object.entries(feeds).map(([name, feed]) => ({
      name,
      feed,
      random: streamOf(`random/${name}`, state?.more?.[name]),
    }));
  }

  next(batch: number, latent: number): StepNoise {
    const more = this.#more.map(({ name, feed, random }) => [name, drawFeed(feed, random)] as const);
    return {
      prior: this.#prior.normals(batch * latent),
      noise: this.#inference.normals(batch * latent),
      more: Object.fromEntries(more),
    };
  }

  state(): NoiseState {
    const more = Object.fromEntries(this.#more.map(({ name, random }) => [name, random.state()]));
    return {
      prior: this.#prior.state(),
      inference: this.#inference.state(),
      ...(this.#more.length > 0 && { more }),
    };
  }
}

/** Shape of what {@link drawFeed} gives. */
export function shapeOfFeed(feed: RandomFeed): readonly number[] {
  return feed.kind === 'draw' ? [feed.of] : feed.shape;
}

export function drawFeed(feed: RandomFeed, random: Random): Float32Array | Int32Array {
  if (feed.kind === 'draw') return drawOrder(feed.of, feed.first, random);
  const count = feed.shape.reduce((product, side) => product * side, 1);
  return feed.kind === 'normal' ? random.normals(count) : Float32Array.from({ length: count }, () => random.uniform());
}

/** `first` drawn numbers, then the others in order: what Fisher and Yates' shuffle has done after so many exchanges, sorted behind. */
function drawOrder(of: number, first: number, random: Random): Int32Array {
  const order = Int32Array.from({ length: of }, (_, i) => i);
  for (let i = 0; i < first; i++) {
    const j = i + random.integer(of - i);
    [order[i], order[j]] = [order[j] ?? 0, order[i] ?? 0];
  }
  order.subarray(first).sort();
  return order;
}
