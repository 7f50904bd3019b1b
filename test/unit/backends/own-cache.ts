/** A cache folder of the test's own, so that a person's record of self-tests is neither used nor changed. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { vi } from 'vitest';

export async function stubCache(): Promise<string> {
  const cache = await mkdtemp(path.join(tmpdir(), 'triangle-cache-'));
  vi.stubEnv('TRIANGLE_CACHE', cache);
  return cache;
}

export async function removeCache(cache: string): Promise<void> {
  vi.unstubAllEnvs();
  await rm(cache, { recursive: true, force: true });
}
