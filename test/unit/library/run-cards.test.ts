/** Cards are read once: again only when a file of the run has changed, whatever the change. */
import { appendFile, mkdir, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, it, vi } from 'vitest';
import { RunCards } from '../../../core/library/run-cards.ts';
import { RunFolder } from '../../../core/runs/run-folder.ts';
import { exampleManifest, temporaryFolder } from '../runs/example.ts';

/** A run whose files were written long ago. */
async function quietRun(): Promise<string> {
  const dir = path.join(await temporaryFolder(), 'run');
  const run = await RunFolder.create(dir, { ...exampleManifest(), state: 'finished' });
  await run.saveCheckpoint({ step: 3, tensors: {}, state: {} });
  await run.appendMetrics({ step: 3, gap: 1 });
  await run.writeSample('samples', 3, new Uint8Array(1));
  await run.close();
  await settle(dir);
  return dir;
}

async function settle(dir: string): Promise<void> {
  const past = new Date(Date.now() - 60_000);
  for (const name of await readdir(dir)) await utimes(path.join(dir, name), past, past);
}

it('opens a run once, and again for every kind of change', async () => {
  const dir = await quietRun();
  const cards = new RunCards();
  const opened = vi.spyOn(RunFolder, 'open');
  const first = await cards.read(dir);
  expect(first).toMatchObject({ step: 3, usable: true, best: null, image: `/image/run/${first.id}/samples/3` });
  expect(await cards.read(dir)).toBe(first);
  expect(opened).toHaveBeenCalledTimes(1);

  await appendFile(path.join(dir, 'metrics.jsonl'), '{"step":5,"gap":2}\n');
  expect((await cards.read(dir)).metrics).toMatchObject({ step: 5, gap: 2 });
  await settle(dir);
  await writeFile(path.join(dir, 'validation.jsonl'), '{"step":4,"validation_energy_AUROC":0.5}\n');
  expect((await cards.read(dir)).metrics).toHaveProperty('validation_energy_AUROC', 0.5);
  await settle(dir);
  await writeFile(path.join(dir, 'checkpoints/best.json'), '{"step":3,"metric":{"name":"m","value":7}}');
  expect((await cards.read(dir)).best).toEqual({ step: 3, metric: 'm', value: 7 });
  await settle(dir);
  await rm(path.join(dir, 'samples/step-00000003.png'));
  expect((await cards.read(dir)).image).toBeNull();
  await settle(dir);
  const manifest = path.join(dir, 'run.json');
  await writeFile(manifest, (await readFile(manifest, 'utf8')).replace('finished', 'failed'));
  expect((await cards.read(dir)).state).toBe('failed');
  opened.mockRestore();
});

it('keeps nothing of what has just changed: the next change may leave no sign', async () => {
  const dir = await quietRun();
  const cards = new RunCards();
  await appendFile(path.join(dir, 'metrics.jsonl'), '{"step":6}\n');
  const opened = vi.spyOn(RunFolder, 'open');
  await cards.read(dir);
  await cards.read(dir);
  expect(opened).toHaveBeenCalledTimes(2);
  opened.mockRestore();
});

it('leaves out what is no run, and lists one of an objective of a newer version', async () => {
  const dir = await quietRun();
  const folder = path.dirname(dir);
  await mkdir(path.join(folder, 'nothing'));
  const newer = path.join(folder, 'newer');
  const manifest = exampleManifest();
  await (
    await RunFolder.create(newer, { ...manifest, objective: { ...manifest.objective, name: 'of-tomorrow' } })
  ).close();
  const all = await new RunCards().readAll([path.join(folder, 'nothing'), newer, dir]);
  expect(all.map(({ objective }) => objective)).toEqual(['of-tomorrow', 'joint']);
  expect(all[0]?.lacks.samples).toContain('does not know the objective of-tomorrow');
  expect(all[1]?.lacks.samples).toBeNull();
});
