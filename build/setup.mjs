/**
 * `npm run setup:cuda`, `npm run setup:tensorflow`: the downloads that an installation leaves out, because they are large, need a GPU of
 * one maker, and fail where the network refuses them. Run once more after each `npm ci`.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { install, npm } from './install.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');

/** The package whose install script downloads it, and the environment that tells it what. */
const downloads = {
  cuda: { name: 'onnxruntime-node', environment: { ONNXRUNTIME_NODE_INSTALL: 'cuda12' } },
  tensorflow: { name: '@tensorflow/tfjs-node-gpu', environment: {} },
};

const what = process.argv[2] ?? '';
if (!Object.hasOwn(downloads, what)) {
  console.error('Use: node build/setup.mjs cuda|tensorflow');
  process.exitCode = 2;
} else {
  const { name, environment } = downloads[what];
  // An earlier installation may have left an optional package out: then npm's record of it is void.
  if (!existsSync(path.join(root, 'node_modules', name))) {
    rmSync(path.join(root, 'node_modules/.package-lock.json'), { force: true });
  }
  await install(root);
  const [command, first] = npm();
  const words = [...first, 'rebuild', name, '--ignore-scripts=false', '--foreground-scripts'];
  const { status } = spawnSync(command, words, {
    cwd: root,
    stdio: 'inherit',
    shell: command.endsWith('.cmd'),
    env: { ...process.env, ...environment },
  });
  if (status !== 0) console.error(`Error: ${name} could not download its library. The other devices are not affected.`);
  process.exitCode = status === 0 ? 0 : 1;
}
