/**
 * Bundles the command line to dist/triangle.mjs, and each `core/**\/<name>-process.ts` to dist/<name>.mjs, which the core starts as a
 * child process. Packages stay outside; shared code goes into chunks, so that `--help` need not load the core.
 */
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { generateRegistries } from './generate-registries.mjs';
import { lazyTensorflow } from './lazy-tensorflow.mjs';
import { buildRendererIfStale } from './renderer.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');

/** Entry name -> source file. */
function entries() {
  const processes = readdirSync(path.join(root, 'core'), { recursive: true })
    .filter((name) => name.endsWith('-process.ts'))
    .map((name) => [path.basename(name, '-process.ts'), path.join(root, 'core', name)]);
  return {
    triangle: path.join(root, 'cli/main.ts'),
    'core-process': path.join(root, 'ipc/core-process.ts'),
    ...Object.fromEntries(processes),
    ...benchEntries(),
  };
}

/** `triangle bench` loads dist/bench.mjs; `bench/<name>-worker.ts` becomes dist/bench-<name>-worker.mjs. A packed program has neither. */
function benchEntries() {
  const folder = path.join(root, 'bench');
  if (!existsSync(path.join(folder, 'index.ts'))) return {};
  const workers = readdirSync(folder).filter((name) => name.endsWith('-worker.ts'));
  return Object.fromEntries([
    ['bench', path.join(folder, 'index.ts')],
    ...workers.map((name) => [`bench-${path.basename(name, '.ts')}`, path.join(folder, name)]),
  ]);
}

/** Chunks of earlier builds are kept for a day: a program that runs may still load them. */
const keptMilliseconds = 86_400_000;

function removeOld(outdir, current) {
  // Folders are others' work: the window's page, Electron's part, packages.
  const files = readdirSync(outdir, { withFileTypes: true }).filter((entry) => entry.isFile());
  for (const { name } of files) {
    const file = path.join(outdir, name);
    const { mtimeMs } = statSync(file);
    if (!current.has(name) && Date.now() - mtimeMs > keptMilliseconds) rmSync(file);
  }
}

/** Files appear whole, entries after the chunks that they import: two programs may find the bundle stale at the same time. */
function write(outputs, entryNames) {
  const isEntry = (file) => entryNames.has(path.basename(file.path));
  for (const file of [...outputs].sort((a, b) => Number(isEntry(a)) - Number(isEntry(b)))) {
    const temporary = `${file.path}.${process.pid}.tmp`;
    writeFileSync(temporary, file.contents);
    renameSync(temporary, file.path);
  }
}

export async function bundle() {
  generateRegistries();
  const outdir = path.join(root, 'dist');
  const entryPoints = entries();
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints,
    outdir,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    packages: 'external',
    plugins: [lazyTensorflow],
    sourcemap: true,
    sourcesContent: false,
    write: false,
    logLevel: 'warning',
  });
  mkdirSync(outdir, { recursive: true });
  write(outputFiles, new Set(Object.keys(entryPoints).map((name) => `${name}.mjs`)));
  removeOld(outdir, new Set(outputFiles.map((file) => path.basename(file.path))));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await bundle();
  await buildRendererIfStale();
}
