/** Datasets whose pictures are files of their own: what all folder layouts share. */
import { createHash } from 'node:crypto';
import path from 'node:path';
import { CoreError } from '../errors.ts';
import { itemAt } from './container.ts';
import { decodeFile } from './decoding.ts';
import type { FolderScan, FoundPicture } from './folder-scan.ts';
import { knownKinds } from './picture-kinds.ts';
import type { DatasetItem, ImageSource } from './types.ts';

export interface FolderRequest {
  readonly format: string;
  /** Item names are relative to it. */
  readonly root: string;
  readonly scan: FolderScan;
  /** What the layout says of a picture. */
  readonly describe: (picture: FoundPicture) => Pick<DatasetItem, 'label' | 'split' | 'anomalous'>;
  readonly description: (items: readonly DatasetItem[]) => string;
  /** Path of an item's mask relative to the root; undefined without one. */
  readonly masks?: ReadonlyMap<string, string>;
  readonly limitPixels: number;
}

/** Throws `dataset/empty` where the scan found no pictures. */
export function folderSource(request: FolderRequest): ImageSource {
  const { format, root, scan, describe, description, masks, limitPixels } = request;
  if (scan.pictures.length === 0) throw noPictures(root, scan);
  const hash = createHash('sha256').update(format);
  const items = scan.pictures.map((picture): DatasetItem => {
    const mask = masks?.get(picture.name);
    hash.update(JSON.stringify([picture.name, picture.size, picture.modifiedMs, mask ?? null]));
    const { label, split, anomalous } = describe(picture);
    return { name: picture.name, label, split, anomalous, hasMask: mask !== undefined };
  });
  const locate = (index: number) => path.join(root, itemAt(items, index).name);
  return {
    format,
    description: description(items),
    items,
    problems: scan.problems,
    fingerprint: hash.digest('hex'),
    shape: null,
    read: (index) => decodeFile(locate(index), limitPixels),
    async readMask(index) {
      const mask = masks?.get(itemAt(items, index).name);
      if (mask === undefined) return null;
      const image = await decodeFile(path.join(root, mask), limitPixels);
      const { width, height, channels, pixels } = image;
      const grey = new Uint8Array(width * height);
      for (let i = 0; i < grey.length; i++) grey[i] = (pixels[i * channels] ?? 0) > 127 ? 255 : 0;
      return { width, height, channels: 1, pixels: grey };
    },
    pathOf: locate,
    close: () => Promise.resolve(),
  };
}

function noPictures(root: string, scan: FolderScan): CoreError {
  const [first] = scan.problems;
  const found = scan.problems.length;
  const other =
    first === undefined
      ? ''
      : ` ${found} other ${found === 1 ? 'file was' : 'files were'} found, such as ${first.name}: ${first.detail}`;
  return new CoreError('dataset/empty', `No pictures in ${root}.${other} Choose a folder with ${knownKinds} files.`);
}

/** "1,234 good" for each label, in order of name. */
export function countLabels(items: readonly DatasetItem[]): string {
  const counts = new Map<string, number>();
  for (const { label } of items) counts.set(label ?? '', (counts.get(label ?? '') ?? 0) + 1);
  const words = [...counts]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([label, count]) => `${count.toLocaleString('en')} ${label}`);
  return words.length > 12 ? `${words.slice(0, 10).join(', ')} and ${words.length - 10} more` : words.join(', ');
}

/** The layout's split that a folder name stands for. */
export function splitOfName(name: string): 'train' | 'test' | null {
  if (/^(train|training)$/i.test(name)) return 'train';
  return /^(test|testing|val|valid|validation)$/i.test(name) ? 'test' : null;
}

/** Splits `train/crack/a.png` into its split and the rest, `crack/a.png`. */
export function withoutSplit(name: string): { split: 'train' | 'test' | null; rest: string[] } {
  const parts = name.split('/');
  const split = parts.length > 1 ? splitOfName(parts[0] ?? '') : null;
  return { split, rest: split === null ? parts : parts.slice(1) };
}
