import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readBins } from '../../../core/library/experiment-bins.ts';
import { ExperimentQueue, type ExperimentCard } from '../../../core/library/experiment-queue.ts';
import { planExperiment } from '../../../core/library/experiments.ts';
import { LaneTurns } from '../../../core/library/lane-turns.ts';
import { openLibrary, type Library } from '../../../core/library/library.ts';

let dir: string;
let library: Library;
const told: ExperimentCard[] = [];
/** A pass over a few pictures by the smallest method. */
const tiny = { data: 'builtin:digits', digits: ['4'], methods: ['vae'], epochs: 1, lastEpochs: 1, limit: 60 } as const;

function openQueue(turns = new LaneTurns()): ExperimentQueue {
  const { folders, settings, log, trash } = library;
  return new ExperimentQueue(folders, { settings, log, trash, turns, tell: (card) => told.push(card) });
}

async function until(queue: ExperimentQueue, id: string, states: readonly string[]): Promise<ExperimentCard> {
  for (;;) {
    const card = await queue.card(id);
    if (states.includes(card.state)) return card;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

beforeAll(async () => {
  dir = await mkdtemp(path.join(os.tmpdir(), 'triangle-experiments-'));
  library = await openLibrary({ dir: path.join(dir, 'library'), cacheDir: path.join(dir, 'cache') });
  await library.settings.set({ device: 'onnx-cpu' });
});
afterAll(async () => {
  await library.close();
  await rm(dir, { recursive: true });
});

describe('turns', () => {
  it('are had one at a time, in the order asked', async () => {
    const turns = new LaneTurns();
    const log: string[] = [];
    const work = async (name: string) => {
      const end = await turns.take();
      log.push(`${name} begins`);
      await new Promise((resolve) => setTimeout(resolve, 5));
      log.push(`${name} ends`);
      end();
    };
    await Promise.all([work('a'), work('b')]);
    expect(log).toEqual(['a begins', 'a ends', 'b begins', 'b ends']);
  });
});

describe('bins of a histogram', () => {
  it('are read back from its table, names with commas too', () => {
    const csv = 'from,to,test images,"digit 4, held out"\r\n0,1,0.25,0\r\n1,2,0.75,1\r\noutside,,0,0\r\n';
    expect(readBins(csv)).toEqual({
      edges: [0, 1, 2],
      sets: [
        { name: 'test images', shares: [0.25, 0.75] },
        { name: 'digit 4, held out', shares: [0, 1] },
      ],
    });
  });

  it('are none in another table', () => {
    expect([readBins('epoch,aupr\n1,0.5\n'), readBins(''), readBins('from,to,a\n0,1,x\n')]).toEqual([null, null, null]);
  });
});

describe('experiments of the library', () => {
  it('says how many trainings it would be, and what does not make sense', () => {
    expect(planExperiment('anomaly', { ...tiny, digits: ['1', '4'], seeds: [1, 2] })).toBe(4);
    expect(() => planExperiment('anomaly', { ...tiny, data: undefined })).toThrow(/needs a dataset/);
    expect(() => planExperiment('none', tiny)).toThrow(/no experiment "none"/);
  });

  it('waits for its turn, can be taken out before it, and is gone on with', async () => {
    const turns = new LaneTurns();
    const end = await turns.take();
    const queue = openQueue(turns);
    const { id } = await queue.start('anomaly', tiny);
    expect(await queue.list()).toMatchObject([{ id, state: 'queued', cells: { done: 0, total: 0 } }]);
    expect((await queue.stop(id)).state).toBe('stopped');
    end();
    await queue.resume(id);
    const card = await until(queue, id, ['finished', 'failed']);
    expect(card).toMatchObject({ state: 'finished', message: null, cells: { done: 1, total: 1 } });
    expect(told.some(({ state, current }) => state === 'active' && current?.stage === 'training')).toBe(true);

    const page = await library.experiments.page(id);
    expect(page?.tables[0]?.rows.some(({ source }) => source === 'paper')).toBe(true);
    expect(page?.tables[0]?.rows.some(({ heads }) => heads[0] === 'vae')).toBe(true);
    const [first] = page?.tables ?? [];
    expect(first?.best).toHaveLength(first?.columns.length ?? -1);
    for (const row of first?.best ?? []) expect(first?.rows[row]?.source ?? 'here').toBe('here');
    const bins = page?.figures.find((figure) => figure.bins !== null)?.bins;
    expect(bins?.sets.length).toBeGreaterThan(1);
    const sum = bins?.sets[0]?.shares.reduce((all, share) => all + share, 0) ?? 0;
    expect(sum).toBeGreaterThan(0.9);
    const at = page?.figures.findIndex((figure) => figure.bins !== null) ?? -1;
    expect((await library.experiments.figure(id, at)).contentType).toBe('image/svg+xml');
    await expect(library.experiments.figure(id, 99)).rejects.toMatchObject({ code: 'library/no-picture' });

    const file = await library.experiments.exportTo(id, 'markdown', path.join(dir, 'table.md'));
    const markdown = await readFile(file, 'utf8');
    expect(markdown).toContain('| vae |');
    // It stands alone: there are no pictures beside it to point at.
    expect(markdown).not.toContain('](cells/');

    const undo = await library.experiments.discard(id);
    expect(await queue.list()).toEqual([]);
    await library.trash.restore(undo.undo);
    expect(await queue.list()).toMatchObject([{ id, state: 'finished' }]);
    await queue.close();
  });

  it('goes on by itself with what was under way when the process died, but not for ever', async () => {
    const { folders } = library;
    const file = path.join(folders.library, 'experiments.json');
    const store = async () =>
      JSON.parse(await readFile(file, 'utf8')) as Record<string, { state: string; deaths: number }>;
    const before = openQueue();
    const { id } = await before.start('anomaly', { ...tiny, limit: 64 });
    await until(before, id, ['active']);
    // The process dies: nothing is closed, its entry says active. What it still computes here is stopped.
    await before.stop(id);
    await until(before, id, ['stopped', 'finished']);
    const { writeJsonAtomic } = await import('../../../core/runs/atomic.ts');
    const all = await store();
    await writeJsonAtomic(file, { ...all, [id]: { ...all[id], state: 'active' } });
    const after = openQueue();
    await after.begin();
    expect((await until(after, id, ['finished', 'failed'])).state).toBe('finished');
    await after.close();

    await writeJsonAtomic(file, { ...(await store()), [id]: { ...(await store())[id], state: 'active', deaths: 2 } });
    const last = openQueue();
    await last.begin();
    expect(await last.card(id)).toMatchObject({ state: 'failed', code: 'training/died' });
    await last.close();
  });

  it('says why one failed', async () => {
    const queue = openQueue();
    const { id } = await queue.start('anomaly', { ...tiny, data: path.join(dir, 'nowhere') });
    expect(await until(queue, id, ['failed'])).toMatchObject({ code: 'dataset/missing' });
    await queue.close();
  });
});
