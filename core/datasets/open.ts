/** From a path or the name of a built-in set to a recognised dataset. */
import fs from 'node:fs';
import path from 'node:path';
import { CoreError } from '../errors.ts';
import { defaultCacheDir } from './atomic.ts';
import { builtinPrefix } from './builtin/options.ts';
import { readError } from './file-errors.ts';
import type { DatasetFormat, OpenOptions } from './format.ts';
import { registry } from './formats/registry.generated.ts';
import type { ImageSource } from './types.ts';

export const defaultLimitPixels = 100_000_000;

/** Every registered format, for help texts. */
export function datasetFormats(): readonly Pick<DatasetFormat, 'name' | 'summary'>[] {
  return registry;
}

async function bestFormat(given: string): Promise<DatasetFormat | null> {
  let best: DatasetFormat | null = null;
  let confidence = 0;
  for (const format of registry) {
    const matched = Number(await format.match(given));
    if (matched > confidence) [best, confidence] = [format, matched];
  }
  return best;
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
    const format = await bestFormat(given);
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
  const format = await bestFormat(full);
  if (format === null) throw new CoreError('dataset/wrong-folder', `${given} is not a dataset.`);
  return format.open(full, whole);
}
