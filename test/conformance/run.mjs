/**
 * Runs tfjs-core's own test suite against a backend, in this process.
 *
 *   node test/conformance/run.mjs                                   # all specs on onnx-cpu, failures one a line
 *   node test/conformance/run.mjs --filter 'conv2d gradient'        # only specs whose full name matches the regular expression
 *   node test/conformance/run.mjs --backend cpu --json report.json  # another backend; the whole report as a file
 *   node test/conformance/run.mjs --listed                          # the specs of skip-list.ts only
 *   node test/conformance/run.mjs --details --filter …              # whole messages with stacks, and a kernel's fallbacks
 *
 * Backends: `cpu` (tfjs's own), `tensorflow` (see NATIVE_TENSORFLOW), `onnx-cpu`, `onnx-webgpu`, `onnx-cuda`, `onnx-dml`, `onnx-coreml`.
 * For the software Vulkan driver set VK_ICD_FILENAMES. Exit code: 0 if no spec failed (skip-list.ts is not looked at), else 1.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');

const { values } = parseArgs({
  options: {
    backend: { type: 'string', default: 'onnx-cpu' },
    filter: { type: 'string' },
    json: { type: 'string' },
    listed: { type: 'boolean', default: false },
    details: { type: 'boolean', default: false },
    threads: { type: 'string', default: '1' },
  },
});

/**
 * The suite, tfjs and the backend as one module with ONE tfjs-core: the suite tests internals that the published bundles do not
 * export. `ignoreAnnotations`, because tfjs-core declares its test files free of side effects and they would be dropped.
 */
async function bundle() {
  const directory = path.join(root, '.cache', 'conformance');
  mkdirSync(directory, { recursive: true });
  // A name of its own for each process: two runs at a time must not overwrite each other's module.
  const outfile = path.join(directory, `suite-${process.pid}.mjs`);
  await build({
    entryPoints: [path.join(root, 'test/conformance/suite.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    mainFields: ['module', 'main'],
    ignoreAnnotations: true,
    external: ['jasmine-core', 'onnxruntime-node', 'onnxruntime-common', 'sharp', 'node-fetch'],
    banner: {
      js: "import { createRequire as makeRequire } from 'node:module'; const require = makeRequire(import.meta.url);",
    },
    logLevel: 'error',
  });
  return outfile;
}

process.env['CONFORMANCE_BACKEND'] = values.backend;
const outfile = await bundle();
const { runSuite } = await import(pathToFileURL(outfile).href);
rmSync(outfile);
const report = await runSuite({
  filter: values.filter ?? null,
  listedOnly: values.listed,
  threads: Number(values.threads),
  onProgress: (done, failed) => {
    if (process.stderr.isTTY) process.stderr.write(`\r${done} specs, ${failed} failed `);
  },
});
if (process.stderr.isTTY) process.stderr.write('\r');
if (values.json !== undefined) writeFileSync(values.json, JSON.stringify(report, null, 1));
for (const { name, message } of report.failed) {
  const text = values.details ? message : message.split('\n')[0].slice(0, 220);
  process.stdout.write(`FAILED ${name}\n       ${text}\n`);
}
if (report.fallbacks.length > 0 && (values.details || values.filter === undefined)) {
  process.stdout.write(`fallbacks: ${report.fallbacks.map(([kernel, count]) => `${kernel} ${count}`).join(', ')}\n`);
}
process.stdout.write(
  `${report.backend}: ${report.passed} passed, ${report.failed.length} failed, ${report.pending} pending, ` +
    `${report.filteredOut} filtered out, ${report.total} in all, ${(report.milliseconds / 1000).toFixed(1)} s\n`,
);
// Native thread pools would keep the process alive; the report is complete.
process.exit(report.failed.length === 0 ? 0 : 1);
