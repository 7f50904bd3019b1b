/** From what a person gives to be scored to opened pictures. */
import fs from 'node:fs';
import { openSource } from '../datasets/open.ts';
import { isPictureName, sniff } from '../datasets/picture-kinds.ts';
import { openPictures } from '../datasets/pictures.ts';
import type { ImageSource } from '../datasets/types.ts';
import { firstBytes } from '../datasets/unpack.ts';
import { CoreError } from '../errors.ts';

/** Enough to know a picture by. */
const sniffedBytes = 12;

/** Whether neither the name nor the first bytes of a file are a picture's. */
async function isOtherFile(given: string): Promise<boolean> {
  if (isPictureName(given)) return false;
  const stat = fs.statSync(given, { throwIfNoEntry: false });
  if (stat === undefined || !stat.isFile() || stat.size === 0) return false;
  return sniff(await firstBytes(given, sniffedBytes)) === null;
}

/** Null where a file is of no known kind and `alone` is false: among pictures it is told as a problem of theirs. */
async function openDatasetFile(file: string, alone: boolean): Promise<ImageSource | null> {
  return openSource(file).catch((error: unknown) => {
    if (!alone && error instanceof CoreError && error.code === 'dataset/single-file') return null;
    throw error;
  });
}

/**
 * Pictures, folders of them, dataset files (IDX, CIFAR-10, SVHN), dataset folders without picture files, and `builtin:<name>`. Throws
 * what opening them throws.
 */
export async function openInputs(inputs: readonly string[]): Promise<ImageSource[]> {
  const sources: ImageSource[] = [];
  const pictures: string[] = [];
  for (const input of inputs) {
    const whole = input.startsWith('builtin:') || (await isOtherFile(input));
    const source = whole ? await openDatasetFile(input, inputs.length === 1) : null;
    if (source === null) pictures.push(input);
    else sources.push(source);
  }
  if (pictures.length === 0) return sources;
  try {
    sources.push(await openPictures(pictures));
  } catch (error) {
    if (!(error instanceof CoreError) || error.code !== 'dataset/empty') throw error;
    for (const input of pictures) {
      // The first error says more of a path that is no dataset either.
      sources.push(await openSource(input).catch(() => Promise.reject(error)));
    }
  }
  return sources;
}
