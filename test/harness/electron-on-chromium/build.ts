/** Bundles the harness to a folder that Playwright and Electron's own package take for a folder with Electron in it. */
import { chmodSync, existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { build } from 'esbuild';

const here = import.meta.dirname;

/** What it does not show; printed by every spec that runs on it. */
export const notCovered =
  'Runs on Chromium through test/harness/electron-on-chromium, not on Electron. Not covered: the sandbox of the operating system, ' +
  'fuses, asar, signing, real menus and dialogs, GPU, the single-instance lock, and Electron’s own build of Node.';

/** Where a system package puts it; ELECTRON_ON_CHROMIUM names another. Null: there is none. */
export function findChromium(): string | null {
  const candidates = [process.env['ELECTRON_ON_CHROMIUM'], '/usr/bin/chromium', '/usr/bin/chromium-browser'];
  return candidates.find((file) => file !== undefined && existsSync(file)) ?? null;
}

const newest = (folder: string): number =>
  Math.max(
    ...readdirSync(folder, { recursive: true, encoding: 'utf8' }).map(
      (name) => statSync(path.join(folder, name)).mtimeMs,
    ),
  );

/** For ELECTRON_OVERRIDE_DIST_PATH; does nothing when it is there and no source is newer. */
export async function buildStandIn(outdir: string): Promise<void> {
  const program = path.join(outdir, 'electron');
  if (existsSync(program) && statSync(program).mtimeMs > newest(here)) return;
  mkdirSync(outdir, { recursive: true });
  const common = { bundle: true, outdir, logLevel: 'warning', absWorkingDir: here } as const;
  await build({
    ...common,
    entryPoints: [path.join(here, 'start.ts')],
    outExtension: { '.js': '.mjs' },
    platform: 'node',
    format: 'esm',
    target: 'node20',
  });
  const pages = ['main-world', 'preload-world'].map((name) => path.join(here, 'page', `${name}.ts`));
  await build({ ...common, entryPoints: pages, platform: 'browser', format: 'iife', target: 'chrome120' });
  await build({
    ...common,
    entryPoints: [path.join(here, 'api/utility-child.ts')],
    outExtension: { '.js': '.cjs' },
    platform: 'node',
    format: 'cjs',
    target: 'node20',
  });
  const quote = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
  const words = [process.execPath, '--inspect=0', path.join(outdir, 'start.mjs')].map(quote).join(' ');
  writeFileSync(program, `#!/bin/sh\nexec ${words} "$@"\n`);
  chmodSync(program, 0o755);
}
