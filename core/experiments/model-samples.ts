/** Samples of a model in any number, for distances to real images. */
import type { ByteImages } from '../evaluation/gradient-features.ts';
import { toBytes } from '../galleries/grid.ts';
import { runChains } from '../objectives/chains.ts';
import { Random } from '../random.ts';
import type { ScoringModel } from '../scoring/types.ts';

const batch = 100;

/** g(z) with z from the prior, as bytes; of chains where there is no generator. Throws `objective/cannot` where there is neither. */
export async function* samplesOf(
  model: ScoringModel,
  count: number,
  seed: number,
  signal?: AbortSignal,
): AsyncGenerator<ByteImages> {
  const { size, channels, latent } = model.description.spec;
  const random = Random.seeded(seed, 'generation');
  for (let from = 0; from < count; from += batch) {
    const now = Math.min(batch, count - from);
    const images =
      model.chain === undefined
        ? await model.generate(random.normals(now * latent), now)
        : await runChains({
            ...model.chain,
            streams: Array.from({ length: now }, (_, i) => Random.seeded(seed, `generation ${from + i}`)),
            length: size * size * channels,
            batch,
            signal,
          });
    yield { pixels: toBytes(images), count: now, size, channels };
  }
}
