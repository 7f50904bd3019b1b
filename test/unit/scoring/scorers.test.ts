/** Scoring shared out to real processes of the bundled program, beside the same pictures scored in one. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { build, type Plugin } from 'esbuild';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { withExportBackend } from '../../../core/backends/graphs.ts';
import { openPictures } from '../../../core/datasets/pictures.ts';
import type { ImageSource } from '../../../core/datasets/types.ts';
import { createNetworks, disposeNetworks } from '../../../core/nets/networks.ts';
import type { NetSpec } from '../../../core/nets/types.ts';
import { Random } from '../../../core/random.ts';
import { evidenceFile, exportEvidence } from '../../../core/scoring/evidence-graph.ts';
import { exportNetworks, openModel, writeModel } from '../../../core/scoring/graph-model.ts';
import { forkScorer, type ScorerChild } from '../../../core/scoring/scorer-child.ts';
import { scoreImages, type ScoreOptions } from '../../../core/scoring/stream.ts';
import type { ScoreResult, ScoringModel } from '../../../core/scoring/types.ts';
import { collect, description } from './fake-model.ts';

const spec: NetSpec = { size: 16, channels: 3, width: 8, latent: 3 };
const count = 90;
const broken = 37;
const root = path.resolve(import.meta.dirname, '../../..');
const program = path.join(root, 'node_modules/.cache/scorers-test/scorer.mjs');

let folder = '';
let source: ImageSource;
let model: ScoringModel;

beforeAll(async () => {
  const lazy = new URL('../../../build/lazy-tensorflow.mjs', import.meta.url);
  const { lazyTensorflow } = (await import(lazy.href)) as { lazyTensorflow: Plugin };
  await build({
    entryPoints: { scorer: path.join(root, 'core/scoring/scorer-process.ts') },
    outdir: path.dirname(program),
    outExtension: { '.js': '.mjs' },
    bundle: true,
    format: 'esm',
    platform: 'node',
    packages: 'external',
    plugins: [lazyTensorflow],
    logLevel: 'error',
  });
  folder = await mkdtemp(path.join(tmpdir(), 'scorers-'));
  const pictures = path.join(folder, 'pictures');
  await mkdir(pictures);
  for (let i = 0; i < count; i++) {
    const random = Random.seeded(i, 'scorers');
    const pixels = Uint8Array.from({ length: 4 * 4 * 3 }, () => random.integer(256));
    const picture = sharp(pixels, { raw: { width: 4, height: 4, channels: 3 } }).resize(16 + (i % 3), 16);
    await picture.png().toFile(path.join(pictures, `${String(i).padStart(3, '0')}.png`));
  }
  await writeFile(path.join(pictures, `${String(broken).padStart(3, '0')}.png`), 'no picture at all');
  source = await openPictures([pictures]);
  const facts = {
    ...description(),
    spec,
    preparation: { size: 16, channels: 3, resize: 'fill', tiles: null } as const,
  };
  await withExportBackend(async () => {
    const networks = createNetworks(spec, ['generator', 'inference', 'energy'], 5);
    await writeModel(path.join(folder, 'model'), facts, await exportNetworks(networks));
    const fused = await exportEvidence(networks);
    if (fused !== null) await writeFile(path.join(folder, 'model', evidenceFile), fused);
    disposeNetworks(networks);
  });
  model = await openModel(path.join(folder, 'model'), { threads: 2 });
});

afterAll(async () => {
  await model.dispose();
  await source.close();
  await rm(folder, { recursive: true, force: true });
});

/** Options that share the work out, whatever its size; `started` gets each process. */
function shared(started: ScorerChild[] = [], more: Partial<ScoreOptions> = {}): ScoreOptions {
  const start = (): ScorerChild => {
    const child = forkScorer(program);
    started.push(child);
    return child;
  };
  return { model, list: source, scorers: { processes: 2, leastSeconds: 0, chunk: 16, start }, ...more };
}

const alone = (more: Partial<ScoreOptions> = {}): Promise<ScoreResult[]> =>
  collect(scoreImages({ model, list: source, scorers: { processes: 1 }, ...more }));

describe('scorers', () => {
  it('give what one process gives, bit for bit and in order, a broken file among them', async () => {
    const started: ScorerChild[] = [];
    const results = await collect(scoreImages(shared(started)));
    expect(started).toHaveLength(2);
    expect(results).toEqual(await alone());
    expect(results.map(({ index }) => index)).toEqual(Array.from({ length: count }, (_, i) => i));
    expect(results[broken]).toMatchObject({ kind: 'skipped', problem: { kind: 'unreadable' } });
    expect(results.filter(({ kind }) => kind === 'skipped')).toHaveLength(1);
  });

  it('score chosen pictures, and what only this process can read, with what is known of normal ones', async () => {
    const normals = {
      statistics: { energy: { median: 1, spread: 2 } },
      places: null,
      neighbours: null,
      featureNeighbours: null,
    };
    const indices = [80, 3, broken, 41, 42];
    const list = { items: source.items, read: (index: number) => source.read(index) };
    const results = await collect(scoreImages(shared([], { list, indices, normals })));
    expect(results).toEqual(await alone({ list, indices, normals }));
    expect(results.map(({ index }) => index)).toEqual(indices);
    expect(results[0]).toMatchObject({ kind: 'scored', scores: { combined: expect.any(Number) as number } });
  });

  it('tell progress as one process does', async () => {
    const seen: number[] = [];
    await collect(scoreImages(shared([], { onProgress: ({ done, total }) => seen.push(done, total) })));
    expect(seen).toEqual(Array.from({ length: count }, (_, i) => [i + 1, count]).flat());
  });

  it('redo what a killed process had begun', async () => {
    const started: ScorerChild[] = [];
    const results: ScoreResult[] = [];
    const options = shared(started);
    // So small that most of them are still to be handed out when the first result comes.
    for await (const result of scoreImages({ ...options, scorers: { ...options.scorers, chunk: 4 } })) {
      if (results.push(result) > 1) continue;
      started[0]?.kill();
      // Another one takes its place.
      await expect.poll(() => started.length, { timeout: 20_000 }).toBe(3);
    }
    expect(results).toEqual(await alone());
  });

  it('name the pictures that end one process after the other', async () => {
    const program = path.join(folder, 'dies.mjs');
    await writeFile(
      program,
      "process.on('message', ({ type }) => (type === 'open' ? process.send({ type: 'ready' }) : process.exit(3)));",
    );
    const scorers = { processes: 2, leastSeconds: 0, chunk: 16, start: () => forkScorer(program) };
    await expect(collect(scoreImages({ model, list: source, scorers }))).rejects.toMatchObject({
      code: 'scoring/process',
      message: expect.stringMatching(/\(exit code 3\).*000\.png to .*015\.png/) as string,
    });
  });

  it('end at once when they are not wanted any more', async () => {
    const ended: string[] = [];
    const started: ScorerChild[] = [];
    const abort = new AbortController();
    const run = async (): Promise<void> => {
      for await (const { index } of scoreImages(shared(started, { signal: abort.signal }))) {
        if (index > 0) continue;
        for (const child of started) child.onExit((how) => ended.push(how));
        abort.abort();
      }
    };
    await expect(run()).rejects.toMatchObject({ code: 'cancelled' });
    await expect.poll(() => ended, { timeout: 20_000 }).toEqual(['SIGKILL', 'SIGKILL']);
  });

  it('are not needed: without a process that starts, this one scores', async () => {
    const start = (): ScorerChild => forkScorer(path.join(folder, 'not-there.mjs'));
    const results = await collect(scoreImages(shared([], { scorers: { processes: 2, leastSeconds: 0, start } })));
    expect(results).toEqual(await alone());
  });

  it('say why the model cannot be opened', async () => {
    const gone = path.join(folder, 'gone');
    await cp(path.join(folder, 'model'), gone, { recursive: true });
    const other = await openModel(gone, { threads: 2 });
    await rm(gone, { recursive: true });
    await expect(collect(scoreImages(shared([], { model: other })))).rejects.toMatchObject({ code: 'scoring/model' });
    await other.dispose();
  });

  it('are left alone for few pictures, for maps, and for a model of this process only', async () => {
    const started: ScorerChild[] = [];
    const { scorers } = shared(started);
    await collect(scoreImages(shared(started, { scorers: { ...scorers, leastSeconds: 60 } })));
    await collect(scoreImages(shared(started, { maps: true, indices: [1, 2] })));
    await collect(scoreImages(shared(started, { model: { ...model, shared: null }, indices: [1, 2] })));
    expect(started).toEqual([]);
  });

  it('live no longer than the process that they work for', () => {
    expect(existsSync(program)).toBe(true);
    const text = `
      const { fork } = await import('node:child_process');
      const child = fork(${JSON.stringify(program)}, [], { serialization: 'advanced' });
      console.log(child.pid);
      child.send({ type: 'open', folder: 'nowhere' });
      child.on('message', () => process.kill(process.pid, 'SIGKILL'));`;
    const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', text], { encoding: 'utf8' });
    const pid = Number(stdout);
    expect(pid).toBeGreaterThan(0);
    return expect.poll(() => isAlive(pid), { timeout: 10_000 }).toBe(false);
  });
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
