/** The datasets of Tables 1 to 3: how each is split in the paper, and opening it as a run's networks want it. */
import { openSource } from '../datasets/open.ts';
import { prepareDataset } from '../datasets/prepared.ts';
import { limitInputs, splitForRun } from '../datasets/run-split.ts';
import type { Preparation, PreparedDataset } from '../datasets/types.ts';
import { CoreError } from '../errors.ts';
import type { ByteImages } from '../evaluation/gradient-features.ts';
import type { RunManifest } from '../runs/manifest.ts';
import type { CellContext } from './types.ts';

export interface ImageSetRule {
  readonly summary: string;
  /** Null: what fits. */
  readonly preset: string | null;
  /** Most images to train on. */
  readonly train: number | null;
  /** Images kept back for testing where the layout has no test images of its own; null: a tenth. */
  readonly test: number | null;
}

/** Section 5.1 of the paper. */
export const imageSets: Readonly<Record<string, ImageSetRule>> = {
  cifar10: {
    summary: 'CIFAR-10 binary: 50,000 training and 10,000 test images',
    preset: 'cifar10',
    train: null,
    test: 10_000,
  },
  celeba: {
    summary: 'folder of CelebA pictures: 9,000 to train on and 1,000 to test, drawn by the seed, 64x64',
    preset: 'photo64',
    train: 9000,
    test: 1000,
  },
  lsun: {
    summary: 'folder of LSUN bedroom pictures: 10,000 to test, the others to train on, 64x64',
    preset: 'photo64',
    train: null,
    test: 10_000,
  },
  own: { summary: 'any dataset of your own', preset: null, train: null, test: null },
};

/** The paper's rule for a dataset by its name. */
export function ruleOf(subject: string): ImageSetRule {
  return imageSets[subject] ?? { summary: '', preset: null, train: null, test: null };
}

/** The strictest of several limits; null where there is none. */
export function least(...limits: readonly (number | null | undefined)[]): number | null {
  return limits.reduce<number | null>((a, b) => (a === null ? (b ?? null) : Math.min(a, b ?? a)), null);
}

/** Which share has to be held out for the rule's number of test images; none where the layout brings them. */
export async function heldOutFractionOf(
  place: string,
  rule: Pick<ImageSetRule, 'test'>,
  context: Pick<CellContext, 'cacheDir'>,
): Promise<number> {
  const source = await openSource(place, cacheOptions(context));
  try {
    const count = source.items.length;
    if (source.items.some(({ split }) => split === 'test')) return 0;
    return Math.min(0.5, rule.test === null ? 0.1 : rule.test / Math.max(1, count));
  } finally {
    await source.close();
  }
}

/** A dataset prepared as the run's networks want it; the caller closes it. */
export async function openPrepared(
  place: string,
  preparation: Preparation,
  context: CellContext,
): Promise<PreparedDataset> {
  if (preparation.tiles !== null)
    throw new CoreError('experiment/settings', 'This preset cuts pictures into tiles. Choose one that does not.');
  const source = await openSource(place, cacheOptions(context));
  try {
    return await prepareDataset(source, preparation, {
      ...cacheOptions(context),
      ...(context.signal === undefined ? {} : { signal: context.signal }),
      onProgress: ({ done, total }) => context.progress('preparing', done, total, 'images'),
    });
  } finally {
    await source.close();
  }
}

export interface TrainAndTest {
  readonly train: Int32Array;
  readonly test: Int32Array;
}

/** What the run was trained on, and the layout's test images or else what the run held out. */
export function trainAndTest(dataset: PreparedDataset, manifest: RunManifest, limit: number | null): TrainAndTest {
  const { seed } = manifest.split;
  const { train, heldOut } = splitForRun(dataset, manifest.split, manifest.dataset.excludeLabels);
  const own = dataset.itemOf
    .map((_, input) => input)
    .filter((input) => dataset.items[dataset.itemOf[input] ?? -1]?.split === 'test');
  const test = own.length > 0 ? own : heldOut;
  if (test.length === 0)
    throw new CoreError('experiment/settings', 'There are no images to test on. Give a dataset with more pictures.');
  return { train, test: limitInputs(test, limit ?? undefined, seed, 'test-limit') };
}

const batch = 200;

/** The chosen inputs as bytes. */
export async function* imagesOf(
  dataset: Pick<PreparedDataset, 'shape' | 'read'>,
  inputs: Int32Array,
): AsyncGenerator<ByteImages> {
  const { height, channels } = dataset.shape;
  for (let from = 0; from < inputs.length; from += batch) {
    const chosen = inputs.subarray(from, from + batch);
    const pixels = new Uint8Array(chosen.length * height * height * channels);
    dataset.read(chosen, pixels);
    // A turn for messages: reading and features are both plain computing.
    await new Promise((resolve) => setImmediate(resolve));
    yield { pixels, count: chosen.length, size: height, channels };
  }
}

export function cacheOptions({ cacheDir }: Pick<CellContext, 'cacheDir'>): { cacheDir?: string } {
  return cacheDir === undefined ? {} : { cacheDir };
}
