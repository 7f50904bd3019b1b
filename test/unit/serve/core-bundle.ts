/** The core process bundled from the sources as they are now: a test must not meet an older build. */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../..');

/** Below `dist`, so that packages are found; `remove` takes it away. */
export async function bundleCore(): Promise<{ program: string; remove: () => Promise<void> }> {
  await mkdir(path.join(root, 'dist'), { recursive: true });
  const dir = await mkdtemp(path.join(root, 'dist', 'test-core-'));
  const program = path.join(dir, 'core-process.mjs');
  await build({
    entryPoints: [path.join(root, 'ipc/core-process.ts')],
    outfile: program,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    packages: 'external',
    logLevel: 'error',
  });
  return { program, remove: () => rm(dir, { recursive: true, force: true }) };
}
