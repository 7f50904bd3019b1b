/** Which pictures are trained on, held out and validated on. Whole pictures move together, never single tiles of them. */
import { CoreError } from '../errors.ts';
import { Random } from '../random.ts';
import type { DatasetItem, DatasetSplit, PreparedDataset } from './types.ts';

export interface SplitOptions {
  readonly seed: number;
  /** Share of the normal training pictures that is kept from training, for thresholds. */
  readonly heldOutFraction?: number;
  /** Labels that are treated as anomalous: never trained on. */
  readonly excludeLabels?: readonly string[];
  /** Most pictures in `validation`. */
  readonly validationLimit?: number;
}

const defaults = { heldOutFraction: 0.1, validationLimit: 1000 };

type Splittable = Pick<PreparedDataset, 'items' | 'itemOf'>;

/** True or false where layout or excluded labels say so; null where nothing is known of the picture. */
export function isAnomalous(item: DatasetItem, excludeLabels: readonly string[]): boolean | null {
  if (item.label !== null && excludeLabels.includes(item.label)) return true;
  if (item.anomalous !== null) return item.anomalous;
  return excludeLabels.length > 0 && item.label !== null ? false : null;
}

/** Throws `dataset/unknown-label` where no picture has the label. */
export function checkLabels(items: readonly DatasetItem[], labels: readonly string[]): void {
  const known = new Set(items.map(({ label }) => label));
  for (const label of labels) {
    if (known.has(label)) continue;
    const names = [...known].filter((name) => name !== null).sort();
    const remedy =
      names.length === 0 ? 'These pictures have no labels.' : `Choose one of: ${names.slice(0, 30).join(', ')}.`;
    throw new CoreError('dataset/unknown-label', `No picture has the label "${label}". ${remedy}`);
  }
}

/** Model inputs of the chosen items, ascending. */
function inputsOf({ items, itemOf }: Splittable, chosen: readonly number[]): Int32Array {
  const wanted = new Uint8Array(items.length);
  for (const item of chosen) wanted[item] = 1;
  return itemOf.map((_, input) => input).filter((input) => wanted[itemOf[input] ?? 0] === 1);
}

/** Model inputs of the items that `wanted` accepts, ascending: for example all of the layout's test split. */
export function selectInputs(dataset: Splittable, wanted: (item: DatasetItem) => boolean): Int32Array {
  return inputsOf(
    dataset,
    dataset.items.flatMap((item, index) => (wanted(item) ? [index] : [])),
  );
}

/** Chooses `count` of `candidates` by the generator; in no particular order. */
function choose(candidates: readonly number[], count: number, random: Random): number[] {
  return random.shuffle([...candidates]).slice(0, count);
}

/** Half anomalous, half normal where there are enough of each; empty where one kind is missing. */
function balanced(normal: readonly number[], anomalous: readonly number[], limit: number, random: Random): number[] {
  if (normal.length === 0 || anomalous.length === 0) return [];
  const half = Math.floor(limit / 2);
  const fromAnomalous = Math.min(anomalous.length, Math.max(half, limit - normal.length));
  const fromNormal = Math.min(normal.length, limit - fromAnomalous);
  return [...choose(anomalous, fromAnomalous, random), ...choose(normal, fromNormal, random)];
}

/**
 * Splits a dataset. Train: pictures of the layout's training split (or of no split) that are not anomalous; of those a seeded
 * share is held out. Validation: labelled pictures of the test split; where the layout has no test split, the anomalous pictures
 * and the held-out normal ones. Throws `dataset/unknown-label` and `dataset/no-training-images`.
 */
export function splitDataset(dataset: Splittable, options: SplitOptions): DatasetSplit {
  const { seed, heldOutFraction, excludeLabels, validationLimit } = { excludeLabels: [], ...defaults, ...options };
  const { items } = dataset;
  checkLabels(items, excludeLabels);
  if (!(heldOutFraction >= 0 && heldOutFraction < 1)) {
    throw new CoreError(
      'dataset/wrong-setting',
      `The held-out fraction is ${heldOutFraction}. Choose a number from 0 up to, but not including, 1.`,
    );
  }
  const trainable: number[] = [];
  const normal: number[] = [];
  const anomalous: number[] = [];
  const layoutHasTest = items.some(({ split }) => split === 'test');
  items.forEach((item, index) => {
    const verdict = isAnomalous(item, excludeLabels);
    if (item.split !== 'test' && verdict !== true) trainable.push(index);
    if (verdict === true) anomalous.push(index);
    else if (item.split === 'test' && verdict === false) normal.push(index);
  });
  if (trainable.length === 0) {
    throw new CoreError(
      'dataset/no-training-images',
      'No normal pictures are left to train on. Add normal pictures, or exclude fewer labels.',
    );
  }
  const random = Random.seeded(seed, 'split');
  // At least one picture is left on each side where there are two.
  const wanted = heldOutFraction === 0 ? 0 : Math.max(1, Math.round(trainable.length * heldOutFraction));
  const heldOut = choose(trainable, Math.min(wanted, trainable.length - 1), random);
  const kept = new Set(heldOut);
  const train = trainable.filter((index) => !kept.has(index));
  const tested = layoutHasTest ? anomalous.filter((index) => items[index]?.split === 'test') : anomalous;
  const validation = layoutHasTest
    ? balanced(normal, tested, validationLimit, random)
    : balanced(heldOut, tested, validationLimit, random);
  return {
    train: inputsOf(dataset, train),
    heldOut: inputsOf(dataset, heldOut),
    validation: inputsOf(dataset, validation),
  };
}

/** A split by a published protocol: `heldOut` and `validation` are empty, so that nothing is chosen by the test images. */
export interface ProtocolSplit extends DatasetSplit {
  readonly test: Int32Array;
  /** For each entry of `test` 1 where anomalous. */
  readonly anomalous: Uint8Array;
  /** Share of anomalous among the test inputs. */
  readonly baseRate: number;
}

/**
 * Protocol P1 (the loaders of Zenati et al. 2018): pictures of both splits together; 80 % of the normal ones are trained on; tested
 * on the other 20 % and all pictures of the held-out label.
 */
export function splitP1(dataset: Splittable, options: { seed: number; anomalyLabel: string }): ProtocolSplit {
  const { seed, anomalyLabel } = options;
  const { items, itemOf } = dataset;
  checkLabels(items, [anomalyLabel]);
  const all = Array.from(items, (_, index) => index);
  const anomalies = all.filter((index) => items[index]?.label === anomalyLabel);
  const shuffled = Random.seeded(seed, 'p1').shuffle(all.filter((index) => items[index]?.label !== anomalyLabel));
  const trained = Math.round(0.8 * shuffled.length);
  const test = inputsOf(dataset, [...shuffled.slice(trained), ...anomalies]);
  const anomalous = Uint8Array.from(test, (input) => Number(items[itemOf[input] ?? 0]?.label === anomalyLabel));
  const none = new Int32Array(0);
  return {
    train: inputsOf(dataset, shuffled.slice(0, trained)),
    heldOut: none,
    validation: none,
    test,
    anomalous,
    baseRate: anomalous.reduce((sum, value) => sum + value, 0) / Math.max(1, test.length),
  };
}
