/** The desktop's own part: main process to dist/electron/main.mjs, bridge to dist/electron/preload.cjs, when a source is newer. */
import { copyFileSync, existsSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const outdir = path.join(root, 'dist/electron');

/** Time of the last change below a folder; of folders too, so that a removed file counts. */
function newest(file) {
  const stats = statSync(file);
  if (!stats.isDirectory()) return stats.mtimeMs;
  return Math.max(stats.mtimeMs, ...readdirSync(file).map((name) => newest(path.join(file, name))));
}

function isStale() {
  const results = ['main.mjs', 'preload.cjs', 'tray.png'].map((name) => path.join(outdir, name));
  if (!results.every((file) => existsSync(file))) return true;
  const sources = ['electron', 'ipc', 'core/errors.ts', 'build/electron.mjs', 'build/icons', 'package.json'];
  const built = Math.min(...results.map((file) => statSync(file).mtimeMs));
  return sources.some((name) => newest(path.join(root, name)) > built);
}

/** Both are whole: only `electron` is left outside, so a packed program needs no package for its window to open. */
export async function buildElectron() {
  const common = {
    absWorkingDir: root,
    bundle: true,
    platform: 'node',
    target: 'node22',
    external: ['electron'],
    sourcemap: true,
    sourcesContent: false,
    logLevel: 'warning',
  };
  mkdirSync(outdir, { recursive: true });
  await Promise.all([
    build({
      ...common,
      entryPoints: [path.join(root, 'electron/main/index.ts')],
      outfile: path.join(outdir, 'main.mjs'),
      format: 'esm',
    }),
    // A sandboxed preload is a script of the old kind.
    build({
      ...common,
      entryPoints: [path.join(root, 'electron/preload/index.ts')],
      outfile: path.join(outdir, 'preload.cjs'),
      format: 'cjs',
    }),
  ]);
  copyFileSync(path.join(root, 'build/icons/tray.png'), path.join(outdir, 'tray.png'));
}

export async function buildElectronIfStale() {
  if (isStale()) await buildElectron();
}
