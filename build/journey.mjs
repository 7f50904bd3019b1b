/** `npm run journey`: the long end-to-end journey through the window, which `npm test` leaves out. */
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const { status } = spawnSync(
  process.execPath,
  [path.join(root, 'node_modules/vitest/vitest.mjs'), 'run', 'test/e2e/journey.test.ts'],
  { cwd: root, stdio: 'inherit', env: { ...process.env, TRIANGLE_JOURNEY: '1' } },
);
process.exitCode = status ?? 1;
