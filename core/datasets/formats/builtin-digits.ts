/** `builtin:digits`: ten classes of stroke-drawn digits, 28x28 grey; five sixths for training. Needs no files. */
import { Random } from '../../random.ts';
import { digitSize, drawDigit } from '../builtin/digit.ts';
import { builtinFingerprint, builtinOptions, isBuiltin } from '../builtin/options.ts';
import { itemAt } from '../container.ts';
import type { DatasetFormat } from '../format.ts';
import type { DatasetItem } from '../types.ts';

const version = 2;
const labels = Array.from({ length: 10 }, (_, digit) => String(digit));

export const format: DatasetFormat = {
  name: 'builtin:digits',
  summary: 'ten classes of hand-drawn digits, 28x28 grey, made from a seed (no files needed)',
  match: (given) => Promise.resolve(isBuiltin(given, 'digits')),
  open(given) {
    return Promise.resolve().then(() => {
      const options = builtinOptions(given, 6000);
      const train = Math.round((options.count * 5) / 6);
      const items = Array.from({ length: options.count }, (_, index): DatasetItem => {
        const split = index < train ? 'train' : 'test';
        const number = String(index < train ? index : index - train).padStart(6, '0');
        return {
          name: `${split}/${number}`,
          label: labels[index % 10] ?? null,
          split,
          anomalous: null,
          hasMask: false,
        };
      });
      return {
        format: 'builtin:digits',
        description: `Built-in digits: ${train.toLocaleString('en')} for training, ${(options.count - train).toLocaleString('en')} for testing, 28x28 grey`,
        items,
        problems: [],
        fingerprint: builtinFingerprint('digits', version, options),
        shape: { height: digitSize, width: digitSize, channels: 1 },
        read: (index) => {
          itemAt(items, index);
          const random = Random.seeded(options.seed, `digits/${index}`);
          return Promise.resolve({
            height: digitSize,
            width: digitSize,
            channels: 1,
            pixels: drawDigit(index % 10, random),
          });
        },
        readMask: () => Promise.resolve(null),
        pathOf: () => null,
        close: () => Promise.resolve(),
      };
    });
  },
};
