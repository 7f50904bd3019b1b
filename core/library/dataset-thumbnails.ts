/** Which pictures stand for a dataset on its card. */
import type { ImageSource } from '../datasets/index.ts';

export const thumbnailCount = 4;
/** Pictures that are tried in the place of one that cannot be read. */
const tries = 6;

/** Indices spread over the dataset, of pictures that can be read; fewer where too many cannot. */
export async function thumbnailIndices(source: ImageSource): Promise<number[]> {
  const { length } = source.items;
  const chosen = new Set<number>();
  for (let i = 0; i < Math.min(thumbnailCount, length); i++) {
    const start = Math.floor((i * length) / Math.min(thumbnailCount, length));
    for (let index = start; index < Math.min(length, start + tries); index++) {
      if (chosen.has(index)) continue;
      const readable = await source.read(index).then(
        () => true,
        () => false,
      );
      if (!readable) continue;
      chosen.add(index);
      break;
    }
  }
  return [...chosen].sort((a, b) => a - b);
}
