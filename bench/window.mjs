/** `node bench/window.mjs`: how the window feels with much in it; `--start`: only how quickly it starts. Needs Chromium (or Electron); see README.md. */
import path from 'node:path';
import { runnerImport } from 'vite';

const { module } = await runnerImport(path.join(import.meta.dirname, 'window.ts'), { configFile: false });
const measure = process.argv.includes('--start') ? module.measureStart : module.measureWindow;
const { passed, table } = await measure();
console.log(table);
process.exitCode = passed ? 0 : 1;
