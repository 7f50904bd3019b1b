/** Every picture of a dataset decoded once: what is broken, what is double, how large they are. Kept in the image cache. */
import {
  prepareDataset,
  preparedFingerprint,
  type DatasetProblem,
  type ImageSource,
  type PrepareProgress,
  type Preparation,
  type SizeSummary,
} from '../datasets/index.ts';
import { cacheFolder, readCacheIndex } from '../datasets/cache.ts';

export interface DatasetCheck {
  readonly problems: readonly DatasetProblem[];
  /** Null where no picture can be used. */
  readonly sizes: SizeSummary | null;
}

/** As small as can be: only the findings are wanted, and 64 bytes a picture are no burden. */
const preparation: Preparation = { size: 8, channels: 1, resize: 'fill', tiles: null };

/** The findings of an earlier check of exactly these files; null without one. */
export function knownCheck(source: ImageSource, cacheDir: string): DatasetCheck | null {
  const fingerprint = preparedFingerprint(source, preparation);
  const index = readCacheIndex(cacheFolder(cacheDir, fingerprint), fingerprint);
  return index === null ? null : { problems: [...source.problems, ...index.problems], sizes: index.sizes };
}

/** Throws `cancelled`, `dataset/no-usable-pictures`, and what the disk throws. */
export async function checkDataset(
  source: ImageSource,
  cacheDir: string,
  options: { readonly signal?: AbortSignal; readonly onProgress?: (progress: PrepareProgress) => void } = {},
): Promise<DatasetCheck> {
  const prepared = await prepareDataset(source, preparation, { ...options, cacheDir });
  try {
    return { problems: prepared.problems, sizes: prepared.sizes };
  } finally {
    prepared.close();
  }
}
