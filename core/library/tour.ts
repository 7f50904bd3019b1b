/** What the first tour scores: a folder with normal and damaged digits, sorted as a person would, so that labels are known. */
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { writeDemoFolder } from '../jobs/demo-pictures.ts';
import { exists } from './trash.ts';

/** Made once; `OK` and `NG` below it. Returns the folder. */
export async function ensureTourFolder(dir: string): Promise<string> {
  const target = path.join(dir, 'digits');
  if (await exists(target)) return target;
  await mkdir(dir, { recursive: true });
  const made = await mkdtemp(path.join(dir, '.making-'));
  try {
    const { anomalous } = await writeDemoFolder(path.join(made, 'all'));
    const sorted = path.join(made, 'sorted');
    await mkdir(path.join(sorted, 'OK'), { recursive: true });
    await mkdir(path.join(sorted, 'NG'));
    for (const name of await readdir(path.join(made, 'all'))) {
      await rename(path.join(made, 'all', name), path.join(sorted, anomalous.has(name) ? 'NG' : 'OK', name));
    }
    await rename(sorted, target);
  } finally {
    await rm(made, { recursive: true, force: true });
  }
  return target;
}
