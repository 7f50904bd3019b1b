/** Seconds a step of networks that were trained or measured here, for estimates. */
import path from 'node:path';
import { z } from 'zod';
import { JsonStore } from './json-store.ts';
import type { LibraryFolders } from './folders.ts';

export function speedStore(folders: Pick<LibraryFolders, 'library'>): JsonStore<Record<string, number>> {
  return new JsonStore(path.join(folders.library, 'speeds.json'), z.record(z.string(), z.number().positive()), {});
}
