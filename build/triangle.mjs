#!/usr/bin/env node
/** The binary `triangle`: bundles anew when a source is newer than the bundle, then runs it. */
import { existsSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const program = path.join(root, 'dist/triangle.mjs');

/** Time of the last change below a folder; of folders too, so that a removed file counts. */
function newest(folder) {
  let time = statSync(folder).mtimeMs;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.name === 'registry.generated.ts') continue;
    const file = path.join(folder, entry.name);
    time = Math.max(time, entry.isDirectory() ? newest(file) : statSync(file).mtimeMs);
  }
  return time;
}

function isStale() {
  if (!existsSync(program)) return true;
  const sources = ['core', 'cli', 'ipc', 'bench'].map((folder) => path.join(root, folder)).filter(existsSync);
  // A packed program has no sources.
  if (sources.length === 0) return false;
  const built = statSync(program).mtimeMs;
  return sources.some((folder) => newest(folder) > built) || statSync(path.join(root, 'package.json')).mtimeMs > built;
}

async function run() {
  if (isStale()) {
    const { bundle } = await import('./bundle.mjs');
    await bundle();
  }
  // Only `serve` shows the window: nothing else waits for it to be built. A packed program brings it along.
  if (process.argv[2] === 'serve' && existsSync(path.join(root, 'renderer'))) {
    const { buildRendererIfStale } = await import('./renderer.mjs');
    await buildRendererIfStale();
  }
  const { main } = await import(pathToFileURL(program).href);
  return main(process.argv.slice(2));
}

try {
  process.exitCode = await run();
} catch (error) {
  // Before the program itself can answer: packages are missing, or a source does not compile.
  const remedy = error.code === 'ERR_MODULE_NOT_FOUND' ? ' Run "npm ci" in its folder first.' : '';
  process.stderr.write(`Error: ${error.message}${remedy}\n`);
  process.exitCode = 1;
}
