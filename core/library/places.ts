/** Folders of this machine, for windows without dialogs of their own. */
import { mkdir, readdir, stat } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { CoreError, messageOf } from '../errors.ts';
import { isPictureName } from '../datasets/picture-kinds.ts';

export interface FolderEntry {
  readonly name: string;
  readonly path: string;
  readonly kind: 'folder' | 'picture' | 'dataset' | 'file';
  readonly bytes: number | null;
}

const mostEntries = 2000;
const datasetEndings = /(\.mat|\.bin|\.tar\.gz|\.tgz|ubyte|ubyte\.gz)$/i;

/** Throws `library/folder` where it cannot be listed. */
export async function listFolderOf(given: string | null, files: boolean) {
  const dir = path.resolve(given ?? os.homedir());
  let found;
  try {
    found = await readdir(dir, { withFileTypes: true });
  } catch (error) {
    throw new CoreError('library/folder', `${dir} cannot be opened: ${messageOf(error)}. Choose another folder.`, {
      cause: error,
    });
  }
  const entries: FolderEntry[] = [];
  const visible = found.filter(({ name }) => !name.startsWith('.'));
  for (const entry of visible) {
    const full = path.join(dir, entry.name);
    const info = entry.isSymbolicLink() ? await stat(full).catch(() => null) : entry;
    if (info?.isDirectory() === true) entries.push({ name: entry.name, path: full, kind: 'folder', bytes: null });
    else if (files && info?.isFile() === true) {
      const kind = isPictureName(entry.name) ? 'picture' : datasetEndings.test(entry.name) ? 'dataset' : 'file';
      entries.push({ name: entry.name, path: full, kind, bytes: null });
    }
  }
  const compare = new Intl.Collator('en', { numeric: true }).compare;
  entries.sort((a, b) => Number(b.kind === 'folder') - Number(a.kind === 'folder') || compare(a.name, b.name));
  const shown = entries.slice(0, mostEntries);
  const sized = await Promise.all(
    shown.map(async (entry) =>
      entry.kind === 'folder'
        ? entry
        : {
            ...entry,
            bytes: await stat(entry.path).then(
              ({ size }) => size,
              () => null,
            ),
          },
    ),
  );
  const parent = path.dirname(dir);
  const places = [
    { name: 'Home', path: os.homedir() },
    { name: 'Computer', path: path.parse(dir).root },
  ];
  return {
    path: dir,
    parent: parent === dir ? null : parent,
    places,
    entries: sized,
    more: entries.length > mostEntries,
  };
}

/** Throws `library/folder`. */
export async function makeFolder(given: string): Promise<string> {
  const dir = path.resolve(given);
  try {
    await mkdir(dir, { recursive: true });
    return dir;
  } catch (error) {
    throw new CoreError('library/folder', `${dir} cannot be made: ${messageOf(error)}. Choose another place.`, {
      cause: error,
    });
  }
}
