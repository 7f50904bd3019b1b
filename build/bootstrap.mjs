/**
 * What stands behind `npm run demo` and `npm test` on a fresh clone: checks Node, installs what is missing, bundles, runs.
 * Only Node's own modules are imported before the packages are there. Remarks go to standard error.
 */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { install } from './install.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');

/** Throws when this Node is older than package.json asks for. */
function checkNode() {
  const { engines } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
  const parse = (text) =>
    text
      .replace(/[^\d.]/g, '')
      .split('.')
      .map(Number);
  const [major, minor = 0] = parse(engines.node);
  const [ownMajor, ownMinor] = parse(process.versions.node);
  if (ownMajor > major || (ownMajor === major && ownMinor >= minor)) return;
  throw new Error(
    `This is Node ${process.versions.node}, Triangle Studio wants ${engines.node}. Install a newer Node.`,
  );
}

/** Runs the command line in a process of its own, which handles Ctrl-C itself. */
async function runTriangle(words) {
  const ignore = () => undefined;
  process.on('SIGINT', ignore);
  const child = spawn(process.execPath, [path.join(root, 'build/triangle.mjs'), ...words], { stdio: 'inherit' });
  const code = await new Promise((resolve) => child.on('close', (status) => resolve(status ?? 1)));
  process.off('SIGINT', ignore);
  return code;
}

async function main([what, ...rest]) {
  if (what !== 'demo' && what !== 'test') throw new Error('Use: node build/bootstrap.mjs demo|test [options]');
  checkNode();
  await install(root);
  const { bundle } = await import('./bundle.mjs');
  await bundle();
  if (what === 'demo') return runTriangle(['demo', ...rest]);
  const { runChecks } = await import('./checks.mjs');
  return runChecks(root, rest);
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`Error: ${error.message}\n`);
  process.exitCode = 1;
}
