/** One folder a class, also below `train` and `test`; no class is anomalous unless it is excluded from training. */
import fs from 'node:fs';
import { scanPictures } from '../folder-scan.ts';
import { countLabels, folderSource, withoutSplit } from '../folder-source.ts';
import type { DatasetFormat } from '../format.ts';
import { classNames } from '../layouts.ts';

export const format: DatasetFormat = {
  name: 'class-folders',
  summary: 'one folder for each class, with or without train and test above them',
  match(given) {
    if (!fs.statSync(given).isDirectory()) return Promise.resolve(0);
    return Promise.resolve(classNames(given).length >= 2 ? 0.5 : 0);
  },
  async open(root, { limitPixels }) {
    return folderSource({
      format: 'class-folders',
      root,
      scan: await scanPictures(root),
      describe: ({ name }) => {
        const { split, rest } = withoutSplit(name);
        return { label: rest[0] ?? null, split, anomalous: null };
      },
      description: (items) => {
        const kinds = new Set(items.map(({ label }) => label)).size;
        return `Class folders: ${items.length.toLocaleString('en')} pictures in ${kinds} classes (${countLabels(items)})`;
      },
      limitPixels,
    });
  },
};
