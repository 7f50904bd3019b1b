/** `npm run package`: builds everything and packs it for this system; `-- --dir` stops at the unpacked folder. */
import { bundle } from './bundle.mjs';
import { buildElectron } from './electron.mjs';
import { packageConfiguration, root } from './electron-builder.mjs';
import { buildRenderer } from './renderer.mjs';

/** Fresh builds, one after the other: a package must not hold what an earlier source became. */
export async function buildAll() {
  await bundle();
  await buildElectron();
  await buildRenderer();
}

export async function pack(options, changes) {
  const { build } = await import('electron-builder');
  return build({ projectDir: root, publish: 'never', config: packageConfiguration(changes), ...options });
}

if (process.argv[1] === import.meta.filename) {
  await buildAll();
  const files = await pack({ dir: process.argv.includes('--dir') });
  for (const file of files) console.log(file);
}
