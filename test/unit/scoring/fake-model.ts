/** A scoring model without networks, whose every output can be worked out by hand: mean = average pixel, g = that grey, f = -variance. */
import type { DecodedImage, Preparation } from '../../../core/datasets/types.ts';
import type { PictureList } from '../../../core/scoring/pictures.ts';
import type { ModelDescription, ScoringModel } from '../../../core/scoring/types.ts';

export interface FakeModel extends ScoringModel {
  /** Batch sizes of the calls of `infer`. */
  readonly batches: number[];
}

export const plainPreparation: Preparation = { size: 4, channels: 1, resize: 'fill', tiles: null };

export function description(preparation = plainPreparation): ModelDescription {
  return {
    objective: 'joint',
    spec: { size: preparation.size, channels: preparation.channels, width: 1, latent: 2 },
    preparation,
    sigma: 1,
    step: 7,
    weights: 'last',
    fingerprint: 'fake',
  };
}

function meanOf(images: Float32Array, i: number, length: number): number {
  let sum = 0;
  for (let j = i * length; j < (i + 1) * length; j++) sum += images[j] ?? 0;
  return sum / length;
}

export function fakeModel(options: { preparation?: Preparation; energy?: boolean } = {}): FakeModel {
  const facts = description(options.preparation);
  const length = facts.spec.size ** 2 * facts.spec.channels;
  const batches: number[] = [];
  const energy: ScoringModel['energy'] = (images, _latents, count) => {
    const f = new Float32Array(count);
    for (let i = 0; i < count; i++) {
      const mean = meanOf(images, i, length);
      for (let j = i * length; j < (i + 1) * length; j++) f[i] = (f[i] ?? 0) - ((images[j] ?? 0) - mean) ** 2;
    }
    return Promise.resolve({ f, features: images.slice() });
  };
  return {
    description: facts,
    reconstructs: true,
    batches,
    infer(images, count) {
      batches.push(count);
      const mean = Float32Array.from({ length: 2 * count }, (_, j) =>
        j % 2 === 0 ? meanOf(images, j / 2, length) : 0,
      );
      return Promise.resolve({ mean, logVariance: new Float32Array(2 * count) });
    },
    generate(latents, count) {
      return Promise.resolve(
        Float32Array.from({ length: count * length }, (_, j) => latents[2 * Math.floor(j / length)] ?? 0),
      );
    },
    energy: options.energy === false ? null : energy,
    dispose: () => Promise.resolve(),
  };
}

export function picture(width: number, height: number, pixel: (x: number, y: number) => number): DecodedImage {
  const pixels = Uint8Array.from({ length: width * height }, (_, i) => pixel(i % width, Math.floor(i / width)));
  return { width, height, channels: 1, pixels };
}

export function listOf(pictures: readonly (DecodedImage | Error)[]): PictureList {
  return {
    items: pictures.map((_, i) => ({ name: `${i}.png` })),
    read(index) {
      const found = pictures[index] ?? new Error('no such picture');
      return found instanceof Error ? Promise.reject(found) : Promise.resolve(found);
    },
  };
}

export async function collect<T>(results: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const result of results) list.push(result);
  return list;
}
