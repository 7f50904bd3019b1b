/** `OK` and `NG` folders (or good, normal, bad, defect, …, in any case), also below `train` and `test`. */
import fs from 'node:fs';
import { scanPictures } from '../folder-scan.ts';
import { countLabels, folderSource, withoutSplit } from '../folder-source.ts';
import type { DatasetFormat } from '../format.ts';
import { classNames, isAnomalousName, isNormalName } from '../layouts.ts';

export const format: DatasetFormat = {
  name: 'ok-ng',
  summary:
    'folders named OK and NG (or good and bad, normal and defect, …); other folders beside good are kinds of defect',
  match(given) {
    if (!fs.statSync(given).isDirectory()) return Promise.resolve(0);
    const names = classNames(given);
    const normal = names.filter(isNormalName).length;
    if (normal === 0) return Promise.resolve(0);
    return Promise.resolve(names.every((name) => isNormalName(name) || isAnomalousName(name)) ? 0.8 : 0.7);
  },
  async open(root, { limitPixels }) {
    return folderSource({
      format: 'ok-ng',
      root,
      scan: await scanPictures(root),
      describe: ({ name }) => {
        const { split, rest } = withoutSplit(name);
        const label = rest[0] ?? '';
        return { label, split, anomalous: !isNormalName(label) };
      },
      description: (items) => {
        const normal = items.filter(({ anomalous }) => anomalous === false).length;
        const anomalous = items.filter((item) => item.anomalous === true).length;
        const [good, bad] = [normal, anomalous].map((count) => count.toLocaleString('en'));
        if (anomalous === 0)
          return `Folder of normal pictures: ${good} (${countLabels(items)}), none known to be anomalous`;
        return `OK/NG folders: ${good} normal, ${bad} anomalous (${countLabels(items)})`;
      },
      limitPixels,
    });
  },
};
