/**
 * `npm start`: builds what is stale and opens the window. Without Electron's binary it says how to get it and opens the same interface
 * in the browser. `--build-only` stops after building; everything else is passed on to Electron.
 */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { install } from './install.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const packageDir = path.join(root, 'node_modules/electron');

/** Null: it is not there. Never asks the package itself, which would start a download. */
export function findElectron() {
  const pathFile = path.join(packageDir, 'path.txt');
  const name = existsSync(pathFile) ? readFileSync(pathFile, 'utf8') : 'electron';
  const override = process.env['ELECTRON_OVERRIDE_DIST_PATH'];
  const file = path.join(override ?? path.join(packageDir, 'dist'), name);
  return existsSync(file) ? file : null;
}

/** Runs a program with our terminal; resolves to its exit code. */
function run(command, words, options = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, words, { cwd: root, stdio: 'inherit', ...options });
    // Ctrl-C of a terminal reaches it by itself.
    process.once('SIGTERM', () => child.kill());
    child.on('error', () => resolve(1));
    child.on('close', (code) => resolve(code ?? 1));
  });
}

/** The package's own installer, once and quietly: it downloads the binary, or fails. */
async function tryInstaller() {
  const { version } = createRequire(import.meta.url)(path.join(packageDir, 'package.json'));
  console.error(`Fetching Electron ${version} …`);
  const limitMilliseconds = 300_000;
  await run(process.execPath, [path.join(packageDir, 'install.js')], { stdio: 'ignore', timeout: limitMilliseconds });
  return findElectron();
}

async function build() {
  const { bundle } = await import('./bundle.mjs');
  const { buildElectronIfStale } = await import('./electron.mjs');
  const { buildRendererIfStale } = await import('./renderer.mjs');
  await Promise.all([bundle(), buildElectronIfStale(), buildRendererIfStale()]);
}

const withoutElectron = `Electron's binary is not here and could not be fetched, so the window opens in your browser instead.
To fetch it from elsewhere: set ELECTRON_MIRROR to a mirror's address and run "npm start" again.
To use one that is there: set ELECTRON_OVERRIDE_DIST_PATH to the folder that holds it.`;

async function main(words) {
  await install(root);
  await build();
  if (words.includes('--build-only')) return 0;
  const electron = findElectron() ?? (await tryInstaller());
  // Signals of the terminal reach the window too; it closes itself.
  process.on('SIGINT', () => undefined);
  if (electron !== null) return run(electron, ['.', ...words]);
  console.error(withoutElectron);
  return run(process.execPath, [path.join(root, 'build/triangle.mjs'), 'serve', '--open']);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    process.exitCode = await main(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`Error: ${error.message}\n`);
    process.exitCode = 1;
  }
}
