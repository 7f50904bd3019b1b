/**
 * MVTec layout: `train/good`, `test/good`, `test/<defect>`, and masks in `ground_truth/<defect>/` named `NAME_mask.png` or like the
 * picture (Bergmann et al., "MVTec AD", CVPR 2019).
 */
import fs from 'node:fs';
import path from 'node:path';
import { byName, scanPictures } from '../folder-scan.ts';
import type { FolderScan, FoundPicture } from '../folder-scan.ts';
import { folderSource } from '../folder-source.ts';
import type { DatasetFormat } from '../format.ts';
import { findFolder, isNormalName, mvtecTrain } from '../layouts.ts';
import type { DatasetItem } from '../types.ts';

const stem = (name: string) => name.replace(/\.[^./]+$/, '');

/** Item name -> mask name, for the pictures of the test folder. */
function findMasks(pictures: readonly FoundPicture[], masks: FolderScan, test: string): Map<string, string> {
  const known = new Map<string, string>();
  for (const { name } of masks.pictures) {
    known.set(stem(name.slice(name.indexOf('/') + 1)).replace(/_mask$/i, ''), name);
  }
  const found = new Map<string, string>();
  for (const { name } of pictures) {
    const mask = name.startsWith(`${test}/`) ? known.get(stem(name.slice(test.length + 1))) : undefined;
    if (mask !== undefined) found.set(name, mask);
  }
  return found;
}

function describeLayout(items: readonly DatasetItem[]): string {
  const train = items.filter(({ split }) => split === 'train').length;
  const tested = items.filter(({ split }) => split === 'test');
  const good = tested.filter(({ anomalous }) => anomalous === false).length;
  const kinds = [...new Set(tested.filter(({ anomalous }) => anomalous === true).map(({ label }) => label))];
  const masks = items.filter(({ hasMask }) => hasMask).length;
  const test =
    tested.length === 0
      ? 'no test pictures'
      : `${good.toLocaleString('en')} good and ${(tested.length - good).toLocaleString('en')} defective for testing (${kinds.join(', ') || 'no defects'})`;
  return `MVTec layout: ${train.toLocaleString('en')} good for training, ${test}${masks === 0 ? '' : `, ${masks.toLocaleString('en')} masks`}`;
}

export const format: DatasetFormat = {
  name: 'mvtec',
  summary: 'MVTec layout: train/good, test/good, test/<defect>, ground_truth/<defect> with masks',
  match: (given) => Promise.resolve(fs.statSync(given).isDirectory() && mvtecTrain(given) !== null ? 0.9 : 0),
  async open(root, { limitPixels }) {
    const train = path.posix.dirname(mvtecTrain(root) ?? 'train/good');
    const test = findFolder(root, 'test');
    const truth = findFolder(root, 'ground_truth');
    const scans = await Promise.all(
      [train, test].filter((name) => name !== null).map((name) => scanPictures(root, name)),
    );
    const masks = truth === null ? { pictures: [], problems: [] } : await scanPictures(root, truth);
    const scan: FolderScan = {
      pictures: scans.flatMap(({ pictures }) => pictures).sort(byName),
      problems: [...scans.flatMap(({ problems }) => problems), ...masks.problems].sort(byName),
    };
    return folderSource({
      format: 'mvtec',
      root,
      scan,
      describe: ({ name }) => {
        const [top, label, ...rest] = name.split('/');
        const split = top === train ? 'train' : 'test';
        // Pictures that lie beside the folders of this layout belong to no kind.
        if (label === undefined || rest.length === 0) return { label: null, split, anomalous: null };
        return { label, split, anomalous: !isNormalName(label) };
      },
      description: describeLayout,
      masks: findMasks(scan.pictures, masks, test ?? 'test'),
      limitPixels,
    });
  },
};
