/** Grids that show how training goes: always the same latent vectors, always the same images to reconstruct. */
import type * as tf from '@tensorflow/tfjs';
import type { Device, Feeds, StepProgram } from '../backends/types.ts';
import { namedTensors } from '../nets/networks.ts';
import type { Networks } from '../nets/types.ts';
import type { Objective, ObjectiveOptions, RandomFeeds } from '../objectives/types.ts';
import { Random } from '../random.ts';
import { meanPairwiseDistance } from './diversity.ts';
import { drawFeed, shapeOfFeed } from './noise.ts';
import type { PictureGrid } from './types.ts';

export interface PictureSettings {
  readonly device: Device;
  readonly networks: Networks;
  /** Pictures in the grid of samples. */
  readonly count: number;
  readonly seed: number;
  /** Images to reconstruct, float32 NHWC in [-1, 1]; as many as fit are shown. */
  readonly originals: Float32Array;
  /** Data images that the samples' diversity is measured by, likewise. */
  readonly data: Float32Array;
  readonly objective: Objective;
  readonly options: ObjectiveOptions;
}

/** Programs for both grids; the networks' current weights and running statistics are used each time. */
export class PictureMaker {
  readonly #settings: PictureSettings;
  readonly #draws: Feeds;
  readonly #originals: Float32Array;
  readonly #samples: StepProgram | null;
  readonly #reconstructions: StepProgram | null;

  constructor(settings: PictureSettings) {
    const { networks, device, count, seed, originals, objective, options } = settings;
    const { generator, inference, spec } = networks;
    const variables = [...namedTensors(networks).values()];
    const imageSize = spec.size * spec.size * spec.channels;
    const shown = Math.min(Math.ceil(Math.sqrt(count)), Math.floor(originals.length / imageSize));
    this.#settings = settings;
    this.#originals = originals.slice(0, shown * imageSize);
    const sampling = samplingOf(networks, objective, options, count);
    this.#draws = Object.fromEntries(
      Object.entries(sampling?.random ?? {}).map(([name, feed]) => [
        name,
        drawFeed(feed, Random.seeded(seed, name === 'z' ? 'pictures' : `pictures/${name}`)),
      ]),
    );
    this.#samples =
      sampling === null || count === 0
        ? null
        : device.compileStep({
            feeds: Object.fromEntries(
              Object.entries(sampling.random).map(([name, feed]) => [
                name,
                { shape: shapeOfFeed(feed), dtype: 'float32' as const },
              ]),
            ),
            variables,
            step: (fed) => ({ images: sampling.sample(fed) }),
          });
    this.#reconstructions =
      generator === undefined || inference === undefined || shown === 0
        ? null
        : device.compileStep({
            feeds: { images: { shape: [shown, spec.size, spec.size, spec.channels], dtype: 'float32' } },
            variables,
            step: ({ images }) => {
              const { mean } = inference.infer(images as tf.Tensor4D, 'inference');
              return { images: generator.generate(mean, 'inference') };
            },
          });
  }

  /** Samples of the prior or of Langevin dynamics, and how much they differ beside data; null where there is no way to sample. */
  async samples(): Promise<{ grid: PictureGrid; diversity: number } | null> {
    if (this.#samples === null) return null;
    const { images } = await this.#samples.run(this.#draws);
    const { networks, data, count } = this.#settings;
    const length = networks.spec.size ** 2 * networks.spec.channels;
    const diversity = meanPairwiseDistance(images as Float32Array, length) / meanPairwiseDistance(data, length);
    return { grid: this.#grid(images as Float32Array, Math.ceil(Math.sqrt(count))), diversity };
  }

  /** A row of originals above a row of their reconstructions g(mean(x)); null where there is nothing to reconstruct. */
  async reconstructions(): Promise<PictureGrid | null> {
    if (this.#reconstructions === null) return null;
    const { images } = await this.#reconstructions.run({ images: this.#originals });
    const both = new Float32Array(2 * this.#originals.length);
    both.set(this.#originals);
    both.set(images as Float32Array, this.#originals.length);
    const { size, channels } = this.#settings.networks.spec;
    return this.#grid(both, this.#originals.length / (size * size * channels));
  }

  dispose(): void {
    this.#samples?.dispose();
    this.#reconstructions?.dispose();
  }

  #grid(images: Float32Array, columns: number): PictureGrid {
    const { size, channels } = this.#settings.networks.spec;
    // A clamped array rounds and clips.
    const pixels = new Uint8Array(Uint8ClampedArray.from(images, (value) => (value + 1) * 127.5).buffer);
    return { pixels, count: images.length / (size * size * channels), columns, height: size, width: size, channels };
  }
}

interface Sampling {
  readonly random: RandomFeeds;
  readonly sample: (random: Readonly<Record<string, tf.Tensor>>) => tf.Tensor4D;
}

/** From the generator where there is one, else as the objective says. */
function samplingOf(
  networks: Networks,
  { sampler }: Objective,
  options: ObjectiveOptions,
  count: number,
): Sampling | null {
  const { generator, spec } = networks;
  if (generator !== undefined) {
    return {
      random: { z: { kind: 'normal', shape: [count, spec.latent] } },
      sample: ({ z }) => generator.generate(z as tf.Tensor2D, 'inference'),
    };
  }
  if (sampler === undefined) return null;
  const random = sampler.randomness(spec, count, options);
  return { random, sample: (drawn) => sampler.sample(networks, drawn, options) };
}
