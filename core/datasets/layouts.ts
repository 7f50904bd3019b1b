/** What folder names say: which stand for normal pictures, which for anomalous ones, and how layouts are told apart. */
import path from 'node:path';
import { listFolder } from './folder-scan.ts';
import { splitOfName } from './folder-source.ts';
import { isPictureName } from './picture-kinds.ts';

const normalName = /^(ok|good|normal|pass|passed|fine)$/i;
const anomalousName = /^(ng|nok|not[-_ ]?ok|bad|defects?|defective|anomal(y|ies|ous)|abnormal|fail(ed)?|faulty)$/i;

export function isNormalName(name: string): boolean {
  return normalName.test(name);
}

export function isAnomalousName(name: string): boolean {
  return anomalousName.test(name);
}

/** Whether a folder has pictures or subfolders. */
function holdsSomething(folder: string): boolean {
  const { folders, files } = listFolder(folder);
  return folders.length > 0 || files.some(isPictureName);
}

/**
 * Names of the class folders below `root`: its subfolders, or those of its `train` and `test` folders; empty where pictures lie
 * beside them, so that they cannot be classes.
 */
export function classNames(root: string): string[] {
  const { folders, files } = listFolder(root);
  if (files.some(isPictureName)) return [];
  const splits = folders.filter((name) => splitOfName(name) !== null);
  if (splits.length === 0) return folders.filter((name) => holdsSomething(path.join(root, name)));
  if (splits.length < folders.length) return [];
  const names = new Set<string>();
  for (const split of splits) {
    const inside = listFolder(path.join(root, split));
    if (inside.files.some(isPictureName)) return [];
    for (const name of inside.folders) names.add(name);
  }
  return [...names].sort();
}

/** The name in `folder` that equals `wanted` but for case; null without one. */
export function findFolder(folder: string, wanted: string): string | null {
  return listFolder(folder).folders.find((name) => name.toLowerCase() === wanted) ?? null;
}

/** The `train/good` folder of the MVTec layout as it is spelt; null where `root` has none. */
export function mvtecTrain(root: string): string | null {
  const train = findFolder(root, 'train');
  const good = train === null ? null : findFolder(path.join(root, train), 'good');
  return train === null || good === null ? null : `${train}/${good}`;
}
