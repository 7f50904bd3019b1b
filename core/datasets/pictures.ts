/** Single pictures and folders given by hand, as for scoring: names are the paths as they were given. */
import fs from 'node:fs';
import path from 'node:path';
import { defaultLimitPixels } from './decoding.ts';
import { readError } from './file-errors.ts';
import type { FoundPicture } from './folder-scan.ts';
import { scanPictures } from './folder-scan.ts';
import { folderSource } from './folder-source.ts';
import type { OpenOptions } from './format.ts';
import type { DatasetProblem, ImageSource } from './types.ts';

/**
 * All pictures among `given` (files, and folders with their subfolders), in that order, without labels. Throws `dataset/missing`,
 * `dataset/no-permission`, and `dataset/empty` where there is no picture at all.
 */
export async function openPictures(given: readonly string[], options: Partial<OpenOptions> = {}): Promise<ImageSource> {
  const pictures: FoundPicture[] = [];
  const problems: DatasetProblem[] = [];
  const known = new Set<string>();
  const add = (picture: FoundPicture) => {
    const full = path.resolve(picture.name);
    if (!known.has(full)) pictures.push(picture);
    known.add(full);
  };
  for (const entry of given) {
    const start = entry
      .split(path.sep)
      .join('/')
      .replace(/(?<=.)\/+$/, '');
    try {
      const stat = fs.statSync(entry);
      if (stat.isDirectory()) {
        const scan = await scanPictures(entry);
        const below = <T extends { readonly name: string }>(found: T): T => ({
          ...found,
          name: path.posix.join(start, found.name),
        });
        scan.pictures.forEach((picture) => add(below(picture)));
        problems.push(...scan.problems.map(below));
      } else if (stat.size === 0) {
        problems.push({
          name: start,
          kind: 'empty',
          detail: 'The file is empty (0 bytes). Copy it again from its source.',
        });
      } else {
        add({ name: start, size: stat.size, modifiedMs: Math.floor(stat.mtimeMs) });
      }
    } catch (error) {
      throw readError(entry, error);
    }
  }
  const source = folderSource({
    format: 'pictures',
    root: '',
    scan: { pictures, problems },
    describe: () => ({ label: null, split: null, anomalous: null }),
    description: (items) => `${items.length.toLocaleString('en')} ${items.length === 1 ? 'picture' : 'pictures'}`,
    limitPixels: options.limitPixels ?? defaultLimitPixels,
  });
  return { ...source, pathOf: (index) => path.resolve(source.pathOf(index) ?? '') };
}
