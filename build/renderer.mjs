/** The window's page: built by Vite to dist/renderer, when a source of it is newer. Vite is loaded only then. */
import { existsSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const page = path.join(root, 'dist/renderer/index.html');

/** Time of the last change below a folder; of folders too, so that a removed file counts. */
function newest(file) {
  const stats = statSync(file);
  if (!stats.isDirectory()) return stats.mtimeMs;
  return Math.max(stats.mtimeMs, ...readdirSync(file).map((name) => newest(path.join(file, name))));
}

/** False in a packed program, which has no sources. */
export function rendererIsStale() {
  const sources = ['renderer', 'ipc', 'svelte.config.js', 'package.json'].map((name) => path.join(root, name));
  if (!existsSync(path.join(root, 'renderer/main.ts'))) return false;
  if (!existsSync(page)) return true;
  const built = statSync(page).mtimeMs;
  return sources.some((file) => newest(file) > built);
}

export async function buildRenderer() {
  const { build } = await import('vite');
  await build({ configFile: path.join(root, 'renderer/vite.config.ts'), logLevel: 'error' });
}

export async function buildRendererIfStale() {
  if (rendererIsStale()) await buildRenderer();
}
