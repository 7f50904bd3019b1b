/** What lies on the disk and how to have less of it. Only what can be made again, or what a person names, is removed. */
import { readdir, rm, stat, statfs } from 'node:fs/promises';
import path from 'node:path';
import { RunFolder } from '../runs/run-folder.ts';
import type { LibraryFolders } from './folders.ts';
import { gridSteps } from './run-cards.ts';
import type { RunShelf } from './runs.ts';
import { bytesBelow } from './trash.ts';

const parts = ['checkpoints', 'scores', 'gallery'] as const;

export async function storageOf(folders: LibraryFolders, runs: RunShelf) {
  const rows = [];
  for (const { id, name, folder } of await runs.list()) {
    const bytes = await bytesBelow(folder);
    const [checkpoints, scores, gallery] = await Promise.all(parts.map((part) => bytesBelow(path.join(folder, part))));
    const samples =
      (await bytesBelow(path.join(folder, 'samples'))) + (await bytesBelow(path.join(folder, 'reconstructions')));
    const known = { checkpoints: checkpoints ?? 0, samples, scores: scores ?? 0, gallery: gallery ?? 0 };
    const other = bytes - Object.values(known).reduce((sum, value) => sum + value, 0);
    rows.push({ run: id, name, bytes, parts: { ...known, other: Math.max(0, other) } });
  }
  const free = await statfs(path.dirname(folders.runs)).then(
    ({ bavail, bsize }) => bavail * bsize,
    () => null,
  );
  return {
    runs: rows.sort((a, b) => b.bytes - a.bytes),
    sessionBytes: await bytesBelow(folders.sessions),
    uploadBytes: await bytesBelow(folders.uploads),
    cacheBytes: await bytesBelow(folders.cache),
    trashBytes: await bytesBelow(folders.trash),
    freeBytes: free,
  };
}

/** Runs what removes and returns by how much a folder shrank. */
async function freed(dir: string, remove: () => Promise<void>): Promise<number> {
  const before = await bytesBelow(dir);
  await remove();
  return Math.max(0, before - (await bytesBelow(dir)));
}

/** All but the newest and the best checkpoint. Throws `runs/locked` while the run trains. */
export async function cleanCheckpoints(dir: string): Promise<number> {
  return freed(path.join(dir, 'checkpoints'), async () => {
    const run = await RunFolder.openForWriting(dir);
    try {
      await run.prune(1);
    } finally {
      await run.close();
    }
  });
}

/** All but the first, the last and every tenth grid. */
export async function cleanSamples(dir: string): Promise<number> {
  return freed(dir, async () => {
    const run = await RunFolder.open(dir);
    for (const kind of ['samples', 'reconstructions'] as const) {
      const steps = await gridSteps(run, kind);
      for (const [i, step] of steps.entries()) {
        if (i === 0 || i === steps.length - 1 || i % 10 === 0) continue;
        await rm(path.join(dir, kind, `step-${String(step).padStart(8, '0')}.png`), { force: true });
      }
    }
  });
}

/** Exported graphs, indices and heatmaps below `scores`; not the scores themselves. */
export async function cleanDerived(dir: string): Promise<number> {
  const scores = path.join(dir, 'scores');
  return freed(scores, async () => {
    await rm(path.join(scores, 'graphs'), { recursive: true, force: true });
    for (const name of await readdir(scores).catch(() => [])) {
      if (name.startsWith('nearest-')) await rm(path.join(scores, name), { force: true });
    }
  });
}

/** Removes the prepared pictures that were used longest ago until the cache is no larger than `most` bytes. */
export async function trimCache(cache: string, most: number): Promise<number> {
  const prepared = path.join(cache, 'prepared');
  return freed(cache, async () => {
    const entries = [];
    for (const name of await readdir(prepared).catch(() => [])) {
      // Being written by somebody.
      if (name.includes('.tmp-')) continue;
      const dir = path.join(prepared, name);
      const used = await stat(dir).then(
        ({ mtimeMs, atimeMs }) => Math.max(mtimeMs, atimeMs),
        () => 0,
      );
      entries.push({ dir, used, bytes: await bytesBelow(dir) });
    }
    let total = await bytesBelow(cache);
    for (const { dir, bytes } of entries.sort((a, b) => a.used - b.used)) {
      if (total <= most) break;
      // A cache in use is held in memory or by an open file; where the system forbids the removal it stays.
      await rm(dir, { recursive: true, force: true }).catch(() => undefined);
      total -= bytes;
    }
  });
}
