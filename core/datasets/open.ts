/** From a path or the name of a built-in set to a recognised dataset. */
import fs from 'node:fs';
import path from 'node:path';
import { CoreError } from '../errors.ts';
import { defaultCacheDir } from '../user-folders.ts';
import { builtinPrefix } from './builtin/options.ts';
import { defaultLimitPixels } from './decoding.ts';
import { readError } from './file-errors.ts';
import { listFolder } from './folder-scan.ts';
import { isPictureName } from './picture-kinds.ts';
import type { DatasetFormat, OpenOptions } from './format.ts';
import { registry } from './formats/registry.generated.ts';
import type { ImageSource } from './types.ts';

/** Every registered format, for help texts. */
export function datasetFormats(): readonly Pick<DatasetFormat, 'name' | 'summary'>[] {
  return registry;
}

/** Formats that are at least this sure of a folder are not overruled by what lies inside it, and its inside by them. */
const sure = 0.9;

async function bestFormat(given: string): Promise<{ format: DatasetFormat | null; confidence: number }> {
  let format: DatasetFormat | null = null;
  let confidence = 0;
  const builtin = given.startsWith(builtinPrefix);
  for (const candidate of registry) {
    // Built-in sets have no files to look at, and files are never built in.
    if (candidate.name.startsWith(builtinPrefix) !== builtin) continue;
    const matched = Number(await candidate.match(given));
    if (matched > confidence) [format, confidence] = [candidate, matched];
  }
  return { format, confidence };
}

/**
 * Recognises and opens a dataset: a folder, a container file, or `builtin:<name>`. Throws CoreErrors `dataset/missing`,
 * `dataset/no-permission`, `dataset/single-file`, `dataset/empty`, `dataset/wrong-folder`, `dataset/unknown-builtin`.
 */
export async function openSource(given: string, options: Partial<OpenOptions> = {}): Promise<ImageSource> {
  const whole = {
    cacheDir: options.cacheDir ?? defaultCacheDir(),
    limitPixels: options.limitPixels ?? defaultLimitPixels,
  };
  if (given.startsWith(builtinPrefix)) {
    const { format } = await bestFormat(given);
    if (format !== null) return format.open(given, whole);
    const names = registry.map(({ name }) => name).filter((name) => name.startsWith(builtinPrefix));
    throw new CoreError(
      'dataset/unknown-builtin',
      `There is no built-in set ${given}. Choose one of: ${names.join(', ')}.`,
    );
  }
  const full = path.resolve(given);
  try {
    if (fs.statSync(full).isDirectory()) fs.readdirSync(full);
    else fs.accessSync(full, fs.constants.R_OK);
  } catch (error) {
    throw readError(given, error);
  }
  const { format, confidence } = await bestFormat(full);
  if (confidence < sure) await checkNotCollection(given, full);
  if (format === null) throw notDataset(given);
  try {
    return await format.open(full, whole);
  } catch (error) {
    throw readError(given, error);
  }
}

/** Throws where the folder holds datasets of their own, such as the MVTec folder above `bottle` and `cable`. */
async function checkNotCollection(given: string, full: string): Promise<void> {
  const nested: string[] = [];
  for (const name of listFolder(full).folders.slice(0, 100)) {
    const { confidence } = await bestFormat(path.join(full, name));
    if (confidence >= sure) nested.push(name);
  }
  if (nested.length === 0) return;
  const names = nested.slice(0, 12).join(', ') + (nested.length > 12 ? ', …' : '');
  throw new CoreError(
    'dataset/wrong-folder',
    `${given} holds ${nested.length === 1 ? 'a dataset of its own' : `${nested.length} datasets of their own`}. Choose the one to use: ${names}.`,
  );
}

function notDataset(given: string): CoreError {
  if (isPictureName(given)) {
    return new CoreError('dataset/single-file', `${given} is a single picture. Choose the folder that it lies in.`);
  }
  return new CoreError(
    'dataset/single-file',
    `${given} is a file that is not recognised. Choose a folder of pictures, or an IDX, CIFAR-10 (.bin, .tar.gz) or SVHN (.mat) file.`,
  );
}
