/** What was deleted: moved aside inside the library, brought back by one call, removed for good only when a person says so. */
import { cp, mkdir, readFile, readdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { CoreError, messageOf } from '../errors.ts';
import { systemCode, writeJsonAtomic } from '../runs/atomic.ts';
import { randomId, type LibraryFolders } from './folders.ts';

const entrySchema = z.object({
  kind: z.enum(['run', 'session', 'gallery', 'pictures', 'move', 'experiment']),
  /** For the notice: "Run 'bottles'". */
  name: z.string(),
  deleted: z.string(),
  /** Where each file or folder was, and where it is now. */
  moved: z.array(z.object({ from: z.string(), to: z.string() })),
  /** What the owner of the thing must put back beside files. */
  extra: z.array(z.string()),
});
export type TrashRecord = z.output<typeof entrySchema>;
export type TrashKind = TrashRecord['kind'];

export interface TrashEntry {
  readonly id: string;
  readonly kind: TrashKind;
  readonly name: string;
  readonly deleted: string;
  readonly bytes: number;
}

export interface Discard {
  readonly kind: TrashKind;
  readonly name: string;
  /** Files and folders to move into the trash. */
  readonly paths?: readonly string[];
  /** Moves that were made elsewhere already. */
  readonly moved?: readonly { readonly from: string; readonly to: string }[];
  readonly extra?: readonly string[];
}

export class Trash {
  readonly #dir: string;

  constructor(folders: Pick<LibraryFolders, 'trash'>) {
    this.#dir = folders.trash;
  }

  /** Moves things aside; what was moved before a failure is moved back. Returns the id for {@link restore}. */
  async discard({ kind, name, paths = [], moved = [], extra = [] }: Discard): Promise<string> {
    const id = randomId();
    const dir = path.join(this.#dir, id);
    const record = {
      kind,
      name,
      deleted: new Date().toISOString(),
      moved: [
        ...moved,
        ...paths.map((from, i) => ({ from, to: path.join(dir, 'content', `${i}-${path.basename(from)}`) })),
      ],
      extra: [...extra],
    };
    await mkdir(path.join(dir, 'content'), { recursive: true });
    // The record first: whatever happens after it, the way back is known.
    await writeJsonAtomic(path.join(dir, 'entry.json'), record);
    const done: { from: string; to: string }[] = [];
    try {
      for (const step of record.moved.slice(moved.length)) {
        await moveTo(step.from, step.to);
        done.push(step);
      }
    } catch (error) {
      for (const { from, to } of done.reverse()) await moveTo(to, from).catch(() => undefined);
      await rm(dir, { recursive: true, force: true });
      throw new CoreError('library/delete', `${name} could not be moved to the trash: ${messageOf(error)}.`, {
        cause: error,
      });
    }
    return id;
  }

  /** Moves everything back and forgets the entry. Throws `library/trash-gone`, `library/restore` naming what stayed. */
  async restore(id: string): Promise<TrashRecord> {
    const record = await this.#read(id);
    if (record === null) {
      throw new CoreError('library/trash-gone', 'This cannot be brought back: the trash was emptied.');
    }
    const failed: string[] = [];
    for (const { from, to } of record.moved) {
      try {
        await moveTo(to, from);
      } catch (error) {
        // Gone from both places, or its old place is taken: the others still go back.
        failed.push(`${path.basename(from)} (${messageOf(error)})`);
      }
    }
    if (failed.length > 0 && failed.length === record.moved.length) {
      throw new CoreError('library/restore', `Nothing could be put back: ${failed.slice(0, 3).join(', ')}.`);
    }
    await rm(path.join(this.#dir, id), { recursive: true, force: true });
    return record;
  }

  async list(): Promise<TrashEntry[]> {
    const entries: TrashEntry[] = [];
    for (const id of await this.#ids()) {
      const record = await this.#read(id);
      if (record === null) continue;
      const bytes = await bytesBelow(path.join(this.#dir, id));
      entries.push({ id, kind: record.kind, name: record.name, deleted: record.deleted, bytes });
    }
    return entries.sort((a, b) => (a.deleted < b.deleted ? 1 : -1));
  }

  /** For good; all without `ids`. Returns the freed bytes. */
  async purge(ids?: readonly string[]): Promise<number> {
    let freed = 0;
    for (const id of await this.#ids()) {
      if (ids !== undefined && !ids.includes(id)) continue;
      const dir = path.join(this.#dir, id);
      freed += await bytesBelow(dir);
      await rm(dir, { recursive: true, force: true });
    }
    return freed;
  }

  async #ids(): Promise<string[]> {
    try {
      return (await readdir(this.#dir)).filter((name) => /^[0-9a-f]{16}$/.test(name));
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return [];
      throw error;
    }
  }

  async #read(id: string): Promise<TrashRecord | null> {
    if (!/^[0-9a-f]{16}$/.test(id)) return null;
    try {
      return entrySchema.parse(JSON.parse(await readFile(path.join(this.#dir, id, 'entry.json'), 'utf8')));
    } catch {
      return null;
    }
  }
}

/** Renames, or copies and removes where the target is on another disk. Never writes over anything. */
export async function moveTo(from: string, to: string): Promise<void> {
  if (await exists(to)) throw new CoreError('library/exists', `${to} exists already. Choose another folder.`);
  await mkdir(path.dirname(to), { recursive: true });
  try {
    await rename(from, to);
  } catch (error) {
    if (systemCode(error) !== 'EXDEV') throw error;
    await cp(from, to, { recursive: true, errorOnExist: true, force: false, preserveTimestamps: true });
    await rm(from, { recursive: true });
  }
}

export async function exists(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}

/** Bytes of all files below a folder; 0 where there is none. */
export async function bytesBelow(dir: string): Promise<number> {
  let bytes = 0;
  let entries;
  try {
    entries = await readdir(dir, { withFileTypes: true });
  } catch {
    return 0;
  }
  for (const entry of entries) {
    const full = path.join(dir, entry.name);
    if (entry.isDirectory()) bytes += await bytesBelow(full);
    else if (entry.isFile())
      bytes += await stat(full).then(
        ({ size }) => size,
        () => 0,
      );
  }
  return bytes;
}
