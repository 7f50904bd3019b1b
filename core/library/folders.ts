/** Where the app keeps what a person collects: runs, scoring sessions, lists, trash. One folder, readable without us. */
import { createHash, randomBytes } from 'node:crypto';
import path from 'node:path';
import { defaultCacheDir, defaultLibraryDir } from '../user-folders.ts';

export interface LibraryFolders {
  readonly library: string;
  readonly runs: string;
  readonly sessions: string;
  readonly trash: string;
  readonly logs: string;
  /** Copies of files that were dropped into a browser. */
  readonly uploads: string;
  readonly tour: string;
  /** What can be made again; shared with the command line. */
  readonly cache: string;
}

export function libraryFolders(dir: string = defaultLibraryDir(), cache: string = defaultCacheDir()): LibraryFolders {
  const library = path.resolve(dir);
  const below = (name: string): string => path.join(library, name);
  return {
    library,
    runs: below('runs'),
    sessions: below('sessions'),
    trash: below('trash'),
    logs: below('logs'),
    uploads: below('uploads'),
    tour: below('tour'),
    cache: path.resolve(cache),
  };
}

/** A short stable id of a text, such as an absolute path. */
export function idOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

export function randomId(): string {
  return randomBytes(8).toString('hex');
}

/** A folder name of a person's words: letters and digits of any script, short, never empty. */
export function folderName(words: string): string {
  const kept = words
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .replace(/^-+|-+$/g, '');
  return kept.slice(0, 40) || 'run';
}
