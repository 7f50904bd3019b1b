/** `npm test`: formatting, types and lint beside the tests; the first that fails ends it with its output. */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const running = new Set();

/** Runs a tool of node_modules; `live` shows its output as it comes. */
async function check(root, name, words, live = false) {
  const began = Date.now();
  const output = [];
  const code = await new Promise((resolve) => {
    const child = spawn(process.execPath, words, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    running.add(child);
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (data) => (live ? process.stdout.write(data) : output.push(data)));
    }
    child.on('close', (status) => {
      running.delete(child);
      resolve(status ?? 1);
    });
  });
  const seconds = Math.round((Date.now() - began) / 1000);
  if (code === 0) {
    console.log(`ok      ${name} (${seconds} s)`);
    return;
  }
  throw new Error(`${Buffer.concat(output).toString()}failed  ${name} (${seconds} s)`);
}

async function inTurn(root, checks) {
  for (const [name, words] of checks) await check(root, name, words);
}

/** `N passed, N failed` from vitest's report; null where the tests did not come to an end. */
function countLine(file) {
  if (!existsSync(file)) return null;
  const { numPassedTests, numFailedTests, numPendingTests, numTodoTests } = JSON.parse(readFileSync(file, 'utf8'));
  const skipped = numPendingTests + numTodoTests;
  return `${numPassedTests} passed, ${numFailedTests} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

/** Returns the exit code. What follows is for vitest: `npm test -- test/unit/runs` runs those tests alone, without the rest. */
export async function runChecks(root, rest) {
  const folder = mkdtempSync(path.join(tmpdir(), 'triangle-checks-'));
  const report = path.join(folder, 'tests.json');
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const tests = ['node_modules/vitest/vitest.mjs', 'run', ...reporters, ...rest];
  const beside = [
    ['formatting', ['node_modules/prettier/bin/prettier.cjs', '--check', '--log-level=warn', '.']],
    ['types', ['node_modules/typescript/bin/tsc', '--noEmit']],
    [
      'types of the window',
      ['node_modules/svelte-check/bin/svelte-check', '--tsconfig', 'tsconfig.web.json', '--fail-on-warnings'],
    ],
    ['lint', ['node_modules/eslint/bin/eslint.js', '--max-warnings=0', '.']],
  ];
  try {
    // One lane each for two processors: the tests' longest file and the linter take turns in using one alone.
    await Promise.all([check(root, 'tests', tests, true), ...(rest.length === 0 ? [inTurn(root, beside)] : [])]);
    console.log(`\n${countLine(report)}`);
    return 0;
  } catch (error) {
    for (const child of running) child.kill();
    console.log(error.message);
    const counts = countLine(report);
    if (counts !== null) console.log(`\n${counts}`);
    return 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
