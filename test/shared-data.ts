/** Finds real data that is not part of the repository: tests that want it skip without it. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const beside = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..', '..', 'shared', 'data');

/** Absolute path of `relative` below the folder that TRIANGLE_SHARED_DATA names (else ../shared/data beside the repository); null without it. */
export function sharedData(relative: string): string | null {
  const root = process.env['TRIANGLE_SHARED_DATA'] ?? beside;
  const full = path.resolve(root, relative);
  return existsSync(full) ? full : null;
}
