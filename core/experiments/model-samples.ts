/** Samples of a model in any number, for distances to real images. */
import type { ByteImages } from '../evaluation/gradient-features.ts';
import { toBytes } from '../galleries/grid.ts';
import { Random } from '../random.ts';
import type { ScoringModel } from '../scoring/types.ts';

const batch = 100;

/** g(z) with z from the prior, as bytes. */
export async function* samplesOf(model: ScoringModel, count: number, seed: number): AsyncGenerator<ByteImages> {
  const { size, channels, latent } = model.description.spec;
  const random = Random.seeded(seed, 'generation');
  for (let from = 0; from < count; from += batch) {
    const now = Math.min(batch, count - from);
    const images = await model.generate(random.normals(now * latent), now);
    yield { pixels: toBytes(images), count: now, size, channels };
  }
}
