/**
 * `builtin:tiles`: three kinds of surface (or one: `builtin:tiles?kind=metal`), 64x64 RGB; training is all good, a twelfth of all
 * pictures have a defect and a mask.
 */
import { Random } from '../../random.ts';
import { defectKinds, drawDefect } from '../builtin/defects.ts';
import type { DefectKind } from '../builtin/defects.ts';
import { builtinFingerprint, builtinOptions, isBuiltin } from '../builtin/options.ts';
import { drawSurface, photograph, surfaceKinds, surfaceSize } from '../builtin/surfaces.ts';
import { itemAt } from '../container.ts';
import type { DatasetFormat } from '../format.ts';
import type { DatasetItem } from '../types.ts';

const version = 2;

interface Plan {
  readonly item: DatasetItem;
  readonly defect: DefectKind | null;
}

/** Five sixths train; of the test pictures the first half is good, the rest has the kinds of defect in turn. */
function plan(count: number): Plan[] {
  const train = Math.round((count * 5) / 6);
  const testGood = Math.ceil((count - train) / 2);
  return Array.from({ length: count }, (_, index): Plan => {
    const split = index < train ? 'train' : 'test';
    const beyond = index - train - testGood;
    const defect = beyond < 0 ? null : (defectKinds[beyond % defectKinds.length] ?? null);
    const label = defect ?? 'good';
    const number = String(index < train ? index : index - train).padStart(6, '0');
    const anomalous = defect !== null;
    return { item: { name: `${split}/${label}/${number}`, label, split, anomalous, hasMask: anomalous }, defect };
  });
}

export const format: DatasetFormat = {
  name: 'builtin:tiles',
  summary:
    'textured surfaces with cracks, spots and scratches as anomalies, 64x64 RGB, made from a seed (no files needed)',
  match: (given) => Promise.resolve(isBuiltin(given, 'tiles')),
  open(given) {
    return Promise.resolve().then(() => {
      const options = builtinOptions(given, 2400, ['all', ...surfaceKinds]);
      const plans = plan(options.count);
      const items = plans.map(({ item }) => item);
      const draw = (index: number) => {
        itemAt(items, index);
        const random = Random.seeded(options.seed, `tiles/${index}`);
        const surface = drawSurface(surfaceKinds.find((kind) => kind === options.kind) ?? null, random);
        const defect = plans[index]?.defect ?? null;
        return { mask: defect === null ? null : drawDefect(defect, surface, random), surface, random };
      };
      const defective = items.filter(({ anomalous }) => anomalous === true).length;
      const train = items.filter(({ split }) => split === 'train').length;
      const good = options.count - train - defective;
      return {
        format: 'builtin:tiles',
        description: `Built-in tiles${options.kind === 'all' ? '' : ` (${options.kind})`}: ${train.toLocaleString('en')} good for training, ${good.toLocaleString('en')} good and ${defective.toLocaleString('en')} defective for testing (${defectKinds.join(', ')}), 64x64 RGB`,
        items,
        problems: [],
        fingerprint: builtinFingerprint('tiles', version, options),
        shape: { height: surfaceSize, width: surfaceSize, channels: 3 },
        read: (index) => {
          const { surface, random } = draw(index);
          return Promise.resolve({
            height: surfaceSize,
            width: surfaceSize,
            channels: 3,
            pixels: photograph(surface, random),
          });
        },
        readMask: (index) => {
          const { mask } = draw(index);
          return Promise.resolve(
            mask === null ? null : { height: surfaceSize, width: surfaceSize, channels: 1, pixels: mask },
          );
        },
        pathOf: () => null,
        close: () => Promise.resolve(),
      };
    });
  },
};
