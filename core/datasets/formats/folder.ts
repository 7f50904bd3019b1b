/** Plain folder: every picture below it, without labels; `train` and `test` subfolders are a split. */
import fs from 'node:fs';
import { scanPictures } from '../folder-scan.ts';
import { folderSource, withoutSplit } from '../folder-source.ts';
import type { DatasetFormat } from '../format.ts';

export const format: DatasetFormat = {
  name: 'folder',
  summary: 'a folder of pictures, with or without subfolders; all of them count as normal',
  match: (given) => Promise.resolve(fs.statSync(given).isDirectory() ? 0.1 : 0),
  async open(root, { limitPixels }) {
    return folderSource({
      format: 'folder',
      root,
      scan: await scanPictures(root),
      describe: ({ name }) => ({ label: null, split: withoutSplit(name).split, anomalous: null }),
      description: (items) => {
        const test = items.filter(({ split }) => split === 'test').length;
        const held = test === 0 ? '' : `, ${test.toLocaleString('en')} of them for testing`;
        return `Plain folder: ${items.length.toLocaleString('en')} pictures without labels${held}`;
      },
      limitPixels,
    });
  },
};
