/** Grids that show how training goes: always the same latent vectors, always the same images to reconstruct. */
import type * as tf from '@tensorflow/tfjs';
import type { Device, StepProgram } from '../backends/types.ts';
import { namedTensors } from '../nets/networks.ts';
import type { Networks } from '../nets/types.ts';
import { Random } from '../random.ts';
import type { PictureGrid } from './types.ts';

export interface PictureSettings {
  readonly device: Device;
  readonly networks: Networks;
  /** Pictures in the grid of samples. */
  readonly count: number;
  readonly seed: number;
  /** Images to reconstruct, float32 NHWC in [-1, 1]; as many as fit are shown. */
  readonly originals: Float32Array;
}

/** Programs for both grids; the networks' current weights and running statistics are used each time. */
export class PictureMaker {
  readonly #settings: PictureSettings;
  readonly #latents: Float32Array;
  readonly #originals: Float32Array;
  readonly #samples: StepProgram | null;
  readonly #reconstructions: StepProgram | null;

  constructor(settings: PictureSettings) {
    const { networks, device, count, seed, originals } = settings;
    const { generator, inference, spec } = networks;
    const variables = [...namedTensors(networks).values()];
    const imageSize = spec.size * spec.size * spec.channels;
    const shown = Math.min(Math.ceil(Math.sqrt(count)), Math.floor(originals.length / imageSize));
    this.#settings = settings;
    this.#latents = Random.seeded(seed, 'pictures').normals(count * spec.latent);
    this.#originals = originals.slice(0, shown * imageSize);
    this.#samples =
      generator === undefined || count === 0
        ? null
        : device.compileStep({
            feeds: { z: { shape: [count, spec.latent], dtype: 'float32' } },
            variables,
            step: ({ z }) => ({ images: generator.generate(z as tf.Tensor2D, 'inference') }),
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

  /** Samples from the prior; null without a generator. */
  async samples(): Promise<PictureGrid | null> {
    if (this.#samples === null) return null;
    const { images } = await this.#samples.run({ z: this.#latents });
    return this.#grid(images as Float32Array, Math.ceil(Math.sqrt(this.#settings.count)));
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
