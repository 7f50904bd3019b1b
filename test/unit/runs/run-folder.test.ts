import { spawnSync } from 'node:child_process';
import { readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Device } from '../../../core/backends/types.ts';
import type { Preparation } from '../../../core/datasets/types.ts';
import type { NetSpec } from '../../../core/nets/types.ts';
import type { ObjectiveOptions } from '../../../core/objectives/types.ts';
import type { Checkpoint } from '../../../core/runs/checkpoints.ts';
import type { RunManifest } from '../../../core/runs/manifest.ts';
import { RunFolder } from '../../../core/runs/run-folder.ts';
import { exampleManifest, temporaryFolder } from './example.ts';

function checkpoint(step: number): Checkpoint {
  return {
    step,
    tensors: { w: { shape: [2], data: Float32Array.from([step, 0.5]) } },
    state: { random: { words: [1, 2, 3, 4], spare: null }, position: step * 64 },
  };
}

async function newRun(): Promise<{ dir: string; run: RunFolder }> {
  const dir = path.join(await temporaryFolder(), 'run');
  return { dir, run: await RunFolder.create(dir, exampleManifest()) };
}

/** Copies what a killed process leaves: everything but a release of the lock, whose owner is dead. */
async function killed(dir: string): Promise<void> {
  const { pid } = spawnSync(process.execPath, ['-e', '']);
  await writeFile(path.join(dir, 'lock.json'), JSON.stringify({ pid, host: hostname(), since: Date.now() }));
}

describe('RunFolder.create', () => {
  it('refuses an existing run and says how to go on', async () => {
    const { dir, run } = await newRun();
    await run.close();
    const again = RunFolder.create(dir, exampleManifest());
    await expect(again).rejects.toMatchObject({ code: 'runs/exists' });
    await expect(again).rejects.toThrow('--resume');
  });

  it('refuses a folder with other things in it, and a file', async () => {
    const dir = await temporaryFolder();
    await writeFile(path.join(dir, 'photo.jpg'), '');
    await expect(RunFolder.create(dir, exampleManifest())).rejects.toMatchObject({ code: 'runs/not-empty' });
    const file = path.join(dir, 'photo.jpg');
    await expect(RunFolder.create(file, exampleManifest())).rejects.toMatchObject({ code: 'runs/not-a-folder' });
    expect(await readdir(dir)).toEqual(['photo.jpg']);
  });

  it('takes over a folder whose creation was killed before its manifest', async () => {
    const { dir, run } = await newRun();
    await run.close();
    await rename(path.join(dir, 'run.json'), path.join(dir, '.run.json.1-0.tmp'));
    await killed(dir);
    const second = await RunFolder.create(dir, exampleManifest());
    await second.close();
    expect((await readdir(dir)).sort()).toEqual(['checkpoints', 'run.json']);
  });
});

describe('RunFolder manifest', () => {
  it('is read back as written, with what a later program added', async () => {
    const { dir, run } = await newRun();
    await run.updateManifest({ state: 'running', step: 7, calibration: { energy: { mean: 1 } } });
    await run.close();
    const file = path.join(dir, 'run.json');
    const text = await readFile(file, 'utf8');
    await writeFile(file, text.replace('"step": 7', '"step": 7, "later": true'));
    const { manifest } = await RunFolder.open(dir);
    expect(manifest).toEqual({
      ...exampleManifest(),
      state: 'running',
      step: 7,
      calibration: { energy: { mean: 1 } },
      later: true,
    });
  });

  it('keeps the order of updates that are not waited for', async () => {
    const { dir, run } = await newRun();
    await Promise.all([1, 2, 3, 4].map((step) => run.updateManifest({ step })));
    await run.close();
    expect((await RunFolder.open(dir)).manifest.step).toBe(4);
  });

  it.each([
    ['a folder without one', null, 'runs/not-a-run', /no run\.json/],
    ['a torn one', '{"formatVersion": 1, "na', 'runs/manifest', /not JSON/],
    ['a wrong field', JSON.stringify({ ...exampleManifest(), step: -1 }), 'runs/manifest', /: step: /],
    ['a later format', JSON.stringify({ formatVersion: 2 }), 'runs/newer-format', /Update/],
  ])('refuses %s', async (_, text, code, message) => {
    const dir = await temporaryFolder();
    if (text !== null) await writeFile(path.join(dir, 'run.json'), text);
    await expect(RunFolder.open(dir)).rejects.toMatchObject({ code });
    await expect(RunFolder.open(dir)).rejects.toThrow(message);
  });

  it('has the structures of the other rooms', () => {
    const manifest: RunManifest = exampleManifest();
    const nets: NetSpec = manifest.nets;
    const preparation: Preparation = manifest.preparation;
    const options: ObjectiveOptions = manifest.objective.options;
    const device: Pick<Device, 'description' | 'adapter' | 'reason'> = manifest.device;
    expect([nets.size, preparation.size, options.sigma, device.adapter]).toEqual([28, 28, 1, null]);
  });
});

describe('RunFolder checkpoints', () => {
  it('loads newest, best and named ones, exactly', async () => {
    const { run } = await newRun();
    for (const step of [10, 20, 30]) await run.saveCheckpoint(checkpoint(step));
    await run.markBest(20, { name: 'image_AUROC', value: 0.9 });
    expect(await run.listCheckpoints()).toEqual([10, 20, 30]);
    expect(await run.loadCheckpoint('latest')).toEqual({ ...checkpoint(30), skipped: [] });
    expect((await run.loadCheckpoint('best')).step).toBe(20);
    expect((await run.loadCheckpoint(10)).step).toBe(10);
    await expect(run.loadCheckpoint(11)).rejects.toThrow(/step 11.*10, 20, 30/);
    await run.close();
  });

  it('prunes all but the newest and the best', async () => {
    const { dir, run } = await newRun();
    for (const step of [1, 2, 3, 4, 5]) await run.saveCheckpoint(checkpoint(step));
    await run.markBest(2, { name: 'gap', value: 1 });
    await run.prune(2);
    expect(await run.listCheckpoints()).toEqual([2, 4, 5]);
    await run.prune(0);
    expect(await run.listCheckpoints()).toEqual([2, 5]);
    expect(await readdir(path.join(dir, 'checkpoints'))).toHaveLength(5);
    await run.close();
  });

  it('says what to do when there is none', async () => {
    const { run } = await newRun();
    await expect(run.loadCheckpoint('latest')).rejects.toMatchObject({ code: 'runs/no-checkpoint' });
    await expect(run.loadCheckpoint('best')).rejects.toThrow('Train it first');
    await expect(run.markBest(3, { name: 'gap', value: 1 })).rejects.toMatchObject({ code: 'runs/checkpoint' });
    await run.close();
  });

  it('replaces a checkpoint of the same step that differs', async () => {
    const { run } = await newRun();
    await run.saveCheckpoint(checkpoint(1));
    await run.saveCheckpoint({ ...checkpoint(1), state: { position: 5 } });
    expect((await run.loadCheckpoint(1)).state).toEqual({ position: 5 });
    await run.close();
  });
});

describe('RunFolder after kill -9', () => {
  it.each([
    ['while the tensors were written', '.step-00000002.safetensors.1-0.tmp', null],
    ['between tensors and JSON', null, 'step-00000002.json'],
    ['while pruning', null, 'step-00000002.safetensors'],
  ])('falls back to the checkpoint before when killed %s', async (_, renamed, missing) => {
    const { dir, run } = await newRun();
    await run.saveCheckpoint(checkpoint(1));
    await run.saveCheckpoint(checkpoint(2));
    await run.close();
    const folder = path.join(dir, 'checkpoints');
    if (renamed !== null) {
      await rename(path.join(folder, 'step-00000002.safetensors'), path.join(folder, renamed));
      await rm(path.join(folder, 'step-00000002.json'));
    }
    if (missing !== null) await rm(path.join(folder, missing));
    await killed(dir);
    const reader = await RunFolder.open(dir);
    expect((await reader.loadCheckpoint('latest')).step).toBe(1);
    const writer = await RunFolder.openForWriting(dir);
    expect(await readdir(folder)).toEqual(['step-00000001.json', 'step-00000001.safetensors']);
    await writer.close();
  });

  it('passes over a damaged newest checkpoint and says so', async () => {
    const { dir, run } = await newRun();
    await run.saveCheckpoint(checkpoint(1));
    await run.saveCheckpoint(checkpoint(2));
    const file = path.join(dir, 'checkpoints', 'step-00000002.safetensors');
    const data = await readFile(file);
    data.writeUInt8(data.readUInt8(data.length - 1) ^ 1, data.length - 1);
    await writeFile(file, data);
    const loaded = await run.loadCheckpoint('latest');
    expect(loaded.step).toBe(1);
    expect(loaded.skipped).toEqual([expect.stringContaining('Checkpoint 2 is damaged')]);
    await expect(run.loadCheckpoint(2)).rejects.toMatchObject({ code: 'runs/checkpoint' });
    await run.close();
  });

  it('logs no step twice when resumed from a checkpoint before the last record', async () => {
    const { dir, run } = await newRun();
    for (const step of [1, 2]) await run.appendMetrics({ step, gap: step });
    await run.saveCheckpoint(checkpoint(2));
    for (const step of [3, 4]) await run.appendMetrics({ step, gap: step });
    await run.close();
    await writeFile(path.join(dir, 'metrics.jsonl'), '{"step":5,', { flag: 'a' });
    await killed(dir);
    const resumed = await RunFolder.openForWriting(dir);
    await resumed.rewindMetrics((await resumed.loadCheckpoint('latest')).step);
    await resumed.appendMetrics({ step: 3, gap: 30 });
    expect((await resumed.readMetrics()).map(({ step, gap }) => [step, gap])).toEqual([
      [1, 1],
      [2, 2],
      [3, 30],
    ]);
    expect(await resumed.lastMetrics()).toEqual({ step: 3, gap: 30 });
    await resumed.close();
  });
});

describe('RunFolder lock', () => {
  it('keeps a second writer out and lets readers in', async () => {
    const { dir, run } = await newRun();
    await expect(RunFolder.openForWriting(dir)).rejects.toMatchObject({ code: 'runs/locked' });
    const reader = await RunFolder.open(dir);
    await expect(reader.updateManifest({ step: 1 })).rejects.toMatchObject({ code: 'runs/read-only' });
    await run.close();
    const next = await RunFolder.openForWriting(dir);
    await next.close();
  });

  it('takes over from a dead process, a torn lock and an earlier process of our own number', async () => {
    const { dir, run } = await newRun();
    await run.close();
    const mine = JSON.stringify({ pid: process.pid, host: hostname(), since: Date.now() });
    for (const lock of [null, '', '{"pid"', mine]) {
      if (lock === null) await killed(dir);
      else await writeFile(path.join(dir, 'lock.json'), lock);
      const next = await RunFolder.openForWriting(dir);
      await next.close();
      expect(await readdir(dir)).not.toContain('lock.json');
    }
  });

  it('believes a living process and another machine', async () => {
    const { dir, run } = await newRun();
    await run.close();
    for (const owner of [
      { pid: process.ppid, host: hostname() },
      { pid: 1, host: 'elsewhere' },
    ]) {
      await writeFile(path.join(dir, 'lock.json'), JSON.stringify({ ...owner, since: Date.now() }));
      await expect(RunFolder.openForWriting(dir)).rejects.toThrow(`process ${owner.pid} on ${owner.host}`);
    }
  });
});

describe('RunFolder files', () => {
  it('places samples, scores and galleries inside the run and counts their bytes', async () => {
    const { dir, run } = await newRun();
    const before = await run.bytesUsed();
    const file = await run.writeSample('reconstructions', 12, new Uint8Array(100));
    expect(path.relative(dir, file)).toBe(path.join('reconstructions', 'step-00000012.png'));
    await writeFile(await run.scoresPath('one.csv'), 'x'.repeat(20));
    await writeFile(await run.galleryPath(path.join('set', 'a.png')), 'x'.repeat(3));
    expect((await run.bytesUsed()) - before).toBe(123);
    await expect(run.scoresPath('../run.json')).rejects.toMatchObject({ code: 'runs/name' });
    await run.close();
  });
});
