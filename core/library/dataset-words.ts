/** What a dataset means for training, in plain sentences. */
import type { DatasetItem } from '../datasets/index.ts';

const number = (value: number): string => value.toLocaleString('en');

/** Two or three sentences: what will be learnt as normal, what is missing, what to do. */
export function explainDataset(items: readonly DatasetItem[]): string {
  const known = items.filter(({ anomalous }) => anomalous !== null);
  const anomalous = known.filter((item) => item.anomalous === true).length;
  const trainable = items.filter((item) => item.split !== 'test' && item.anomalous !== true).length;
  const labels = new Set(items.flatMap(({ label }) => (label === null ? [] : [label])));
  const tested = items.some(({ split }) => split === 'test');
  const few =
    trainable < 50 ? ` That is few: a hundred or more normal pictures give thresholds that can be trusted.` : '';
  if (trainable === 0) {
    return 'There is no picture here that counts as normal, so nothing can be learnt. Add a folder of normal pictures, for example train/good.';
  }
  if (anomalous > 0) {
    const learnt =
      trainable === 1
        ? '1 picture is normal and is learnt from'
        : `${number(trainable)} pictures are normal and are learnt from`;
    return `${learnt}; ${number(anomalous)} ${anomalous === 1 ? 'is' : 'are'} anomalous and never learnt from: that shows how well the model tells them apart.${few}`;
  }
  if (labels.size > 1) {
    const part = tested ? `${number(trainable)} of them are for training. ` : '';
    return `The pictures are sorted into ${labels.size} classes. ${part}Choose in Train which classes count as anomalous: they are left out of training and used to measure. Without a choice all classes are learnt as normal.${few}`;
  }
  return `All ${number(trainable)} pictures are taken as normal, so make sure that no faulty ones are among them. A tenth is held back to set thresholds; what looks different from these pictures will score high.${few}`;
}

/** What a built-in set shows. */
export const builtinWords: Readonly<Record<string, string>> = {
  'builtin:digits': 'Drawn digits in ten classes, 28 x 28 grey: made here from a seed, nothing to download',
  'builtin:tiles':
    'Textured surfaces with cracks, spots and scratches as anomalies, 64 x 64 colour: made here from a seed',
};
