/** Grids that show how training goes: always the same latent vectors, always the same images to reconstruct. */
import type * as tf from '@tensorflow/tfjs';
import type { Device, StepProgram } from '../backends/types.ts';
import { namedTensors } from '../nets/networks.ts';
import type { Networks } from '../nets/types.ts';
import { runChains } from '../objectives/chains.ts';
import type { Objective, ObjectiveOptions } from '../objectives/types.ts';
import { Random } from '../random.ts';
import { meanPairwiseDistance } from './diversity.ts';
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
  readonly #originals: Float32Array;
  readonly #samples: Sampling | null;
  readonly #reconstructions: StepProgram | null;

  constructor(settings: PictureSettings) {
    const { networks, device, count, originals } = settings;
    const { generator, inference, spec } = networks;
    const variables = [...namedTensors(networks).values()];
    const imageSize = spec.size * spec.size * spec.channels;
    const shown = Math.min(Math.ceil(Math.sqrt(count)), Math.floor(originals.length / imageSize));
    this.#settings = settings;
    this.#originals = originals.slice(0, shown * imageSize);
    this.#samples = count === 0 ? null : samplingOf(settings, variables);
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
    const images = await this.#samples.draw();
    const { networks, data, count } = this.#settings;
    const length = networks.spec.size ** 2 * networks.spec.channels;
    const diversity = meanPairwiseDistance(images, length) / meanPairwiseDistance(data, length);
    return { grid: this.#grid(images, Math.ceil(Math.sqrt(count))), diversity };
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
    this.#samples?.program.dispose();
    this.#reconstructions?.dispose();
  }

  #grid(images: Float32Array, columns: number): PictureGrid {
    const { size, channels } = this.#settings.networks.spec;
    // A clamped array rounds and clips.
    const pixels = new Uint8Array(Uint8ClampedArray.from(images, (value) => (value + 1) * 127.5).buffer);
    return { pixels, count: images.length / (size * size * channels), columns, height: size, width: size, channels };
  }
}

/** Always the same pictures, [count, size, size, channels], by the weights of the moment. */
interface Sampling {
  readonly program: StepProgram;
  draw(): Promise<Float32Array>;
}

/** From the generator where there is one, else by the objective's chains; null where there is neither. */
function samplingOf(
  { device, networks, objective, options, count, seed }: PictureSettings,
  variables: readonly tf.Variable[],
): Sampling | null {
  const { generator, spec } = networks;
  const feed = (shape: readonly number[]) => ({ shape, dtype: 'float32' as const });
  if (generator !== undefined) {
    const z = Random.seeded(seed, 'pictures').normals(count * spec.latent);
    const program = device.compileStep({
      feeds: { z: feed([count, spec.latent]) },
      variables,
      step: (fed) => ({ images: generator.generate(fed['z'] as tf.Tensor2D, 'inference') }),
    });
    return { program, draw: async () => (await program.run({ z }))['images'] as Float32Array };
  }
  const { sampler } = objective;
  if (sampler === undefined) return null;
  const shape = [count, spec.size, spec.size, spec.channels];
  const program = device.compileStep({
    feeds: { images: feed(shape), noise: feed(shape) },
    variables,
    step: ({ images, noise }) => ({
      images: sampler.step(networks, images as tf.Tensor4D, noise as tf.Tensor4D, options),
    }),
  });
  const draw = (): Promise<Float32Array> =>
    runChains({
      streams: Array.from({ length: count }, (_, index) => Random.seeded(seed, `pictures/${index}`)),
      length: spec.size ** 2 * spec.channels,
      steps: sampler.steps(options),
      step: async (images, noise) => (await program.run({ images, noise }))['images'] as Float32Array,
    });
  return { program, draw };
}
