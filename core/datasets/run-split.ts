/** The split of a run by its manifest's settings: what it trains on, and what it may be tested on. The one place that knows both protocols. */
import { CoreError } from '../errors.ts';
import { Random } from '../random.ts';
import { isAnomalous, splitDataset, splitP1 } from './split.ts';
import type { DatasetSplit, PreparedDataset } from './types.ts';

/** The structure of `ManifestSplit` in core/runs. */
export interface RunSplitSettings {
  readonly seed: number;
  readonly heldOutFraction: number;
  readonly validationLimit: number;
  readonly protocol?: 'P1' | 'P2' | undefined;
  /** Most model inputs that are trained on, a seeded choice: for quick tries. */
  readonly limit?: number | undefined;
}

/** Model inputs that were not trained on and whose label is known; `anomalous` has 1 where anomalous. */
export interface TestInputs {
  readonly test: Int32Array;
  readonly anomalous: Uint8Array;
}

type Splittable = Pick<PreparedDataset, 'items' | 'itemOf'>;

/** At most `limit` of the inputs, ascending; the same ones for the same seed and stream. */
export function limitInputs(inputs: Int32Array, limit: number | undefined, seed: number, stream: string): Int32Array {
  if (limit === undefined || inputs.length <= limit) return inputs;
  return Random.seeded(seed, stream).shuffle(Int32Array.from(inputs)).slice(0, limit).sort();
}

function p1(dataset: Splittable, settings: RunSplitSettings, excludeLabels: readonly string[]) {
  const [anomalyLabel] = excludeLabels;
  if (anomalyLabel === undefined || excludeLabels.length > 1)
    throw new CoreError('training/settings', 'Protocol P1 holds out exactly one label. Give it with --exclude-label.');
  return splitP1(dataset, { seed: settings.seed, anomalyLabel });
}

/** What a run trains on, holds out and validates on. Throws what `splitDataset` throws, and `training/settings`. */
export function splitForRun(
  dataset: Splittable,
  settings: RunSplitSettings,
  excludeLabels: readonly string[],
): DatasetSplit {
  const { train, heldOut, validation } =
    settings.protocol === 'P1'
      ? p1(dataset, settings, excludeLabels)
      : splitDataset(dataset, { ...settings, excludeLabels });
  return { train: limitInputs(train, settings.limit, settings.seed, 'limit'), heldOut, validation };
}

/**
 * P1: the fifth of the normal images that is not trained on and all images of the excluded label. P2: the layout's test split, or without
 * one every labelled image that is neither trained on nor a candidate for it.
 */
export function testInputs(
  dataset: Splittable,
  settings: RunSplitSettings,
  excludeLabels: readonly string[],
): TestInputs {
  if (settings.protocol === 'P1') return p1(dataset, settings, excludeLabels);
  const { items, itemOf } = dataset;
  const hasTest = items.some(({ split }) => split === 'test');
  const { train } = splitDataset(dataset, { ...settings, excludeLabels });
  const trained = new Set(hasTest ? [] : train);
  const verdicts = items.map((item) => (hasTest && item.split !== 'test' ? null : isAnomalous(item, excludeLabels)));
  const test = itemOf
    .map((_, input) => input)
    .filter((input) => !trained.has(input) && verdicts[itemOf[input] ?? -1] != null);
  return { test, anomalous: Uint8Array.from(test, (input) => Number(verdicts[itemOf[input] ?? -1] === true)) };
}
