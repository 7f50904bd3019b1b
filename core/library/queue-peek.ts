/** What trains now, read from the disk: for a process that does not train itself. */
import path from 'node:path';
import { z } from 'zod';
import { RunFolder } from '../runs/run-folder.ts';
import type { LibraryFolders } from './folders.ts';
import { JsonStore } from './json-store.ts';
import { queueEntrySchema, waitingStatus, type TrainingStatus } from './queue-entry.ts';

/** Null when nothing trains. */
export async function activeTraining(folders: LibraryFolders): Promise<TrainingStatus | null> {
  const entries = await new JsonStore(path.join(folders.library, 'queue.json'), z.array(queueEntrySchema), []).read();
  const entry = entries.find(({ state }) => state === 'active');
  if (entry === undefined) return null;
  const run = await RunFolder.open(entry.dir).catch(() => null);
  if (run === null) return { ...waitingStatus(entry), state: 'preparing' };
  const { device, training } = run.manifest;
  const step = (await run.lastMetrics())?.step ?? 0;
  return { ...waitingStatus(entry), state: 'running', step, steps: training.steps, device };
}
