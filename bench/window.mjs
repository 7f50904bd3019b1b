/** `node bench/window.mjs`: how the window feels with much in it. Needs Chromium (or Electron); see README.md. */
import path from 'node:path';
import { runnerImport } from 'vite';

const { module } = await runnerImport(path.join(import.meta.dirname, 'window.ts'), { configFile: false });
const { passed, table } = await module.measureWindow();
console.log(table);
process.exitCode = passed ? 0 : 1;
