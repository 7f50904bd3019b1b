/** Copies that the library holds of pictures from elsewhere: files dropped into a browser, and loose pictures made into a dataset. */
import { constants } from 'node:fs';
import { copyFile, mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { isPictureName } from '../datasets/picture-kinds.ts';
import { CoreError } from '../errors.ts';
import { folderName, randomId, type LibraryFolders } from './folders.ts';
import { metaName } from './session-meta.ts';
import { bytesBelow, exists } from './trash.ts';

/** What was copied so lately that whoever wanted it may not have said so yet. */
const youngMs = 3_600_000;

/**
 * Pictures without a folder of their own, copied into one: where the disk can, without taking space twice. Copies of a browser's drop
 * are moved. Returns the folder. Throws `dataset/single-file` for fewer than two, and what the disk throws.
 */
export async function collectPictures(folders: LibraryFolders, files: readonly string[]): Promise<string> {
  const given = [...new Set(files.map((file) => path.resolve(file)))];
  if (given.length < 2) {
    throw new CoreError('dataset/single-file', 'One picture is no dataset. Choose the folder that it lies in.');
  }
  const parents = new Set(given.map((file) => path.dirname(file)));
  const [parent = ''] = parents;
  const uploaded = (file: string): boolean => file.startsWith(folders.uploads + path.sep);
  const known = parents.size === 1 && !uploaded(parent) ? `${folderName(path.basename(parent))}-` : '';
  const batch = path.join(folders.uploads, `collected-${randomId()}`);
  const making = `${batch}.tmp`;
  const name = `${known}${given.length}-pictures`;
  try {
    await mkdir(path.join(making, name), { recursive: true });
    const taken = new Set<string>();
    for (const file of given) {
      const target = path.join(making, name, freeName(path.basename(file), taken));
      await (uploaded(file) ? rename(file, target) : copyFile(file, target, constants.COPYFILE_FICLONE));
    }
    await rename(making, batch);
  } catch (error) {
    await rm(making, { recursive: true, force: true });
    throw error;
  }
  return path.join(batch, name);
}

/** Files that are pictures by their names, and everything else that was given. */
export async function splitLoose(paths: readonly string[]): Promise<{ pictures: string[]; others: string[] }> {
  const pictures: string[] = [];
  const others: string[] = [];
  for (const given of paths) {
    const isFile = isPictureName(given) && (await stat(given).catch(() => null))?.isFile() === true;
    (isFile ? pictures : others).push(given);
  }
  return { pictures, others };
}

/** `a.png`, then `a-2.png`, in any case of letters. */
function freeName(name: string, taken: Set<string>): string {
  const { name: stem, ext } = path.parse(name);
  let free = name;
  for (let count = 2; taken.has(free.toLowerCase()); count++) free = `${stem}-${count}${ext}`;
  taken.add(free.toLowerCase());
  return free;
}

/**
 * Removes the copies that nothing speaks of any more: no dataset of the list, no run, no waiting run, no scores, nothing in the trash
 * that could be brought back. Returns the freed bytes.
 */
export async function cleanUploads(
  folders: LibraryFolders,
  runDirs: Iterable<string>,
  youngest = youngMs,
): Promise<number> {
  const names = await readdir(folders.uploads).catch(() => []);
  if (names.length === 0) return 0;
  const texts = await referringTexts(folders, runDirs);
  let freed = 0;
  for (const name of names) {
    const dir = path.join(folders.uploads, name);
    const age = await stat(dir).then(
      ({ mtimeMs }) => Date.now() - mtimeMs,
      () => 0,
    );
    // Names are random and long: where one is in a text, that text is about these files.
    if (age < youngest || texts.some((text) => text.includes(name))) continue;
    freed += await bytesBelow(dir);
    await rm(dir, { recursive: true, force: true });
  }
  return freed;
}

/** The files of the library that name what they were made from. */
async function referringTexts(folders: LibraryFolders, runDirs: Iterable<string>): Promise<string[]> {
  const files = [path.join(folders.library, 'datasets.json'), path.join(folders.library, 'queue.json')];
  const sessions = await readdir(folders.sessions).catch(() => []);
  files.push(...sessions.map((id) => path.join(folders.sessions, id, metaName)));
  for (const dir of runDirs) files.push(path.join(dir, 'run.json'));
  for (const id of await readdir(folders.trash).catch(() => [])) {
    const content = path.join(folders.trash, id, 'content');
    files.push(path.join(folders.trash, id, 'entry.json'));
    for (const name of await readdir(content).catch(() => [])) {
      files.push(path.join(content, name, metaName), path.join(content, name, 'run.json'));
    }
  }
  const texts: string[] = [];
  for (const file of files) {
    // One that is there and cannot be read may speak of any of them: then nothing is removed.
    if (await exists(file)) texts.push(await readFile(file, 'utf8'));
  }
  return texts;
}
