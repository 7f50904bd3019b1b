/** The command line as a process: what a shell and a script see of it. */
import { spawn } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { RunFolder } from '../../../core/runs/run-folder.ts';
import { exampleManifest, temporaryFolder } from '../runs/example.ts';

const root = path.resolve(import.meta.dirname, '../../..');

interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

async function triangle(...words: string[]): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [path.join(root, 'build/triangle.mjs'), ...words]);
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (data) => (stdout += String(data)));
    child.stderr.on('data', (data) => (stderr += String(data)));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
}

/** Every line of standard output as JSON; throws when one is not. */
function jsonLines(stdout: string): unknown[] {
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);
}

async function exampleRun(): Promise<string> {
  const dir = path.join(await temporaryFolder(), 'run');
  const run = await RunFolder.create(dir, exampleManifest());
  await run.appendMetrics({ step: 3, gap: 0.25, energyData: NaN });
  await run.saveCheckpoint({ step: 3, tensors: {}, state: {} });
  await run.close();
  return dir;
}

describe('triangle', () => {
  it('shows its help and its version', async () => {
    const [help, version] = await Promise.all([triangle('--help'), triangle('--version')]);
    expect(help.code).toBe(0);
    expect(help.stdout).toMatch(/^ {2}info +Show a run/m);
    expect(help.stderr).toBe('');
    const { version: expected } = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8')) as {
      version: string;
    };
    expect(version).toEqual({ code: 0, stdout: `${expected}\n`, stderr: '' });
  });

  it('shows the help of every verb, with examples that name the verb', async () => {
    const [listed] = jsonLines((await triangle('--json', '--help')).stdout) as [{ verbs: { name: string }[] }];
    expect(listed.verbs.map(({ name }) => name)).toEqual(expect.arrayContaining(['datasets', 'info']));
    for (const { name } of listed.verbs) {
      const { code, stdout } = await triangle(name, '--help');
      expect(code).toBe(0);
      expect(stdout).toContain(`Usage: triangle ${name}`);
      expect(stdout).toMatch(new RegExp(`Examples:[^]*triangle ${name}`));
    }
  });

  it.each([
    [['trian'], 'Unknown verb "trian"'],
    [['inof'], 'Did you mean info?'],
    [['--data', 'x'], 'Begin with a verb'],
    [['info', '--jsn'], 'Did you mean --json?'],
    [['info', 'a', 'b'], 'one word too many'],
  ])('answers the wrong use %s with exit code 2 and one line', async (words, message) => {
    const { code, stdout, stderr } = await triangle(...words);
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toContain(message);
    expect(stderr).toMatch(/^Error: [^\n]+\n$/);
  });

  it('answers no words at all with its help and exit code 2', async () => {
    const { code, stdout, stderr } = await triangle();
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain('Usage: triangle <verb>');
  });

  it('reports a failure with exit code 1, one line, and its code with --json', async () => {
    const missing = path.join(await temporaryFolder(), 'missing');
    const plain = await triangle('info', missing);
    expect(plain).toEqual({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(/^Error: [^\n]*not a run[^\n]*\n$/) as string,
    });
    const json = await triangle('info', missing, '--json');
    expect(json.code).toBe(1);
    expect(jsonLines(json.stdout)).toEqual([
      { error: { code: 'runs/not-a-run', message: expect.any(String) as string } },
    ]);
  });
});

describe('triangle info', () => {
  it('shows a run, for people and as one line of JSON', async () => {
    const dir = await exampleRun();
    const [plain, json] = await Promise.all([triangle('info', dir), triangle('info', dir, '--json')]);
    expect(plain.stdout).toMatch(/^state +new, step 0 of 500$/m);
    expect(plain.stdout).toMatch(/^checkpoints +step 3$/m);
    expect(plain.stdout).toMatch(/^ {2}gap +0\.25$/m);
    const record = {
      run: dir,
      manifest: exampleManifest(),
      checkpoints: [3],
      best: null,
      metrics: { step: 3, gap: 0.25 },
    };
    expect(jsonLines(json.stdout)).toEqual([
      expect.objectContaining({ ...record, metrics: { ...record.metrics, energyData: null } }),
    ]);
    expect(json.stderr).toBe('');
  });

  it('shows the versions at work without a run', async () => {
    const { stdout } = await triangle('info', '--json');
    expect(jsonLines(stdout)).toEqual([expect.objectContaining({ node: process.versions.node })]);
  });
});

describe('triangle datasets', () => {
  it('lists formats and built-in sets', async () => {
    const [record] = jsonLines((await triangle('datasets', '--json')).stdout) as [{ formats: { name: string }[] }];
    expect(record.formats.map(({ name }) => name)).toEqual(expect.arrayContaining(['builtin:digits', 'mnist-idx']));
  });

  it('summarises a built-in set', async () => {
    const { code, stdout } = await triangle('datasets', 'builtin:digits', '--json');
    expect(code).toBe(0);
    const [record] = jsonLines(stdout) as [{ images: number; labels: Record<string, number>; problems: unknown[] }];
    expect(Object.keys(record.labels)).toEqual(['0', '1', '2', '3', '4', '5', '6', '7', '8', '9']);
    expect(Object.values(record.labels).reduce((sum, count) => sum + count)).toBe(record.images);
    expect(record.problems).toEqual([]);
  });

  it('fails for a path that is not there, naming it', async () => {
    const { code, stderr } = await triangle('datasets', '/nowhere/at-all');
    expect(code).toBe(1);
    expect(stderr).toContain('/nowhere/at-all');
  });
});

describe('isInstalled', () => {
  it('compares what npm installed with the lock file', async () => {
    const program: unknown = await import(path.join(root, 'build/install.mjs'));
    const { isInstalled } = program as { isInstalled: (root: string) => boolean };
    const folder = await temporaryFolder();
    const lock = (packages: object) => JSON.stringify({ packages });
    await writeFile(
      path.join(folder, 'package-lock.json'),
      lock({ '': {}, 'node_modules/a': { version: '1.0.0' }, 'node_modules/b': { version: '2.0.0', optional: true } }),
    );
    expect(isInstalled(folder)).toBe(false);
    await mkdir(path.join(folder, 'node_modules'));
    const found = path.join(folder, 'node_modules/.package-lock.json');
    await writeFile(found, lock({ 'node_modules/a': { version: '1.0.0' } }));
    expect(isInstalled(folder)).toBe(true);
    await writeFile(found, lock({ 'node_modules/a': { version: '1.0.1' } }));
    expect(isInstalled(folder)).toBe(false);
  });
});
