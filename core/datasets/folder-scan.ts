/** Lists pictures below a folder: names, sizes, times. Nothing is decoded. */
import fs from 'node:fs';
import path from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { readError } from './file-errors.ts';
import { isCompanionName, isPictureName, knownKinds } from './picture-kinds.ts';
import type { DatasetProblem } from './types.ts';

export interface FoundPicture {
  /** Path relative to the root, with `/`. */
  readonly name: string;
  readonly size: number;
  readonly modifiedMs: number;
}

export interface FolderScan {
  /** Sorted by name (by code unit, the same everywhere). */
  readonly pictures: readonly FoundPicture[];
  readonly problems: readonly DatasetProblem[];
}

/** Files looked at before the event loop gets a turn. */
const filesPerTurn = 2000;

export function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}

/** Names of a folder's entries: subfolders and files, hidden ones left out; empty where it cannot be read. */
export function listFolder(folder: string): { folders: string[]; files: string[] } {
  const folders: string[] = [];
  const files: string[] = [];
  let entries: fs.Dirent[];
  try {
    entries = fs.readdirSync(folder, { withFileTypes: true });
  } catch {
    return { folders, files };
  }
  for (const entry of entries) {
    if (entry.name.startsWith('.')) continue;
    const directory = entry.isSymbolicLink()
      ? (fs.statSync(path.join(folder, entry.name), { throwIfNoEntry: false })?.isDirectory() ?? false)
      : entry.isDirectory();
    (directory ? folders : files).push(entry.name);
  }
  return { folders: folders.sort(), files: files.sort() };
}

/** All pictures below `root/start`, named from `root`. A subfolder that cannot be read is a problem, not an error. */
export async function scanPictures(root: string, start = ''): Promise<FolderScan> {
  const pictures: FoundPicture[] = [];
  const problems: DatasetProblem[] = [];
  const visited = new Set<string>();
  const waiting = [start];
  let looked = 0;
  for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
    const full = path.join(root, folder);
    let entries: fs.Dirent[];
    try {
      // A link to a folder further up would otherwise never end.
      const real = fs.realpathSync(full);
      if (visited.has(real)) continue;
      visited.add(real);
      entries = fs.readdirSync(full, { withFileTypes: true });
    } catch (error) {
      if (folder === start) throw readError(full, error);
      problems.push({ name: folder, kind: 'unreadable', detail: readError(full, error).message });
      continue;
    }
    for (const entry of entries) {
      if (++looked % filesPerTurn === 0) await nextTurn();
      const name = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory()) {
        if (!entry.name.startsWith('.')) waiting.push(name);
        continue;
      }
      const isPicture = isPictureName(entry.name) && !entry.name.startsWith('.');
      if (!isPicture && !entry.isSymbolicLink()) {
        if (!isCompanionName(entry.name)) problems.push({ name, kind: 'unsupported', detail: unsupported(entry.name) });
        continue;
      }
      const stat = fs.statSync(path.join(root, name), { throwIfNoEntry: false });
      if (stat?.isDirectory() === true) waiting.push(name);
      else if (!isPicture) continue;
      else if (stat?.isFile() !== true) {
        problems.push({ name, kind: 'unreadable', detail: 'The link leads nowhere, or it is not a file.' });
      } else if (stat.size === 0) {
        problems.push({ name, kind: 'empty', detail: 'The file is empty (0 bytes). Copy it again from its source.' });
      } else pictures.push({ name, size: stat.size, modifiedMs: Math.floor(stat.mtimeMs) });
    }
  }
  return { pictures: pictures.sort(byName), problems: problems.sort(byName) };
}

function unsupported(name: string): string {
  const extension = path.extname(name);
  return `${extension === '' ? 'A file without an ending' : `A ${extension} file`} is not a picture that can be read (${knownKinds} can be).`;
}
