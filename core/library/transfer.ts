/** Copies or moves chosen files into a folder; nothing is ever written over, and a move can be taken back. */
import { constants } from 'node:fs';
import { copyFile, mkdir } from 'node:fs/promises';
import path from 'node:path';
import { CoreError, messageOf } from '../errors.ts';
import { exists, moveTo, type Trash } from './trash.ts';

export interface TransferResult {
  readonly done: number;
  readonly failed: { name: string; detail: string }[];
  readonly undo: { undo: string; what: string } | null;
}

/** `a.png`, `a (2).png`, …: the first name that is free. */
async function freeName(folder: string, name: string): Promise<string> {
  const { name: stem, ext } = path.parse(name);
  for (let number = 1; ; number++) {
    const file = path.join(folder, number === 1 ? name : `${stem} (${number})${ext}`);
    if (!(await exists(file))) return file;
  }
}

/** Files that fail are named; the others are done. Throws `library/folder` when the folder cannot be made. */
export async function transfer(
  files: readonly { readonly name: string; readonly path: string | null }[],
  options: { readonly folder: string; readonly how: 'copy' | 'move'; readonly trash: Trash },
): Promise<TransferResult> {
  const folder = path.resolve(options.folder);
  try {
    await mkdir(folder, { recursive: true });
  } catch (error) {
    throw new CoreError('library/folder', `${folder} cannot be made: ${messageOf(error)}. Choose another folder.`, {
      cause: error,
    });
  }
  const failed: { name: string; detail: string }[] = [];
  const moved: { from: string; to: string }[] = [];
  let done = 0;
  for (const { name, path: from } of files) {
    try {
      if (from === null) {
        throw new CoreError(
          'library/no-file',
          'It lies in a container file or is built in. Export heatmaps or the report instead.',
        );
      }
      const to = await freeName(folder, path.basename(from));
      if (options.how === 'copy') await copyFile(from, to, constants.COPYFILE_EXCL);
      else {
        await moveTo(from, to);
        moved.push({ from, to });
      }
      done++;
    } catch (error) {
      failed.push({ name, detail: messageOf(error) });
    }
  }
  if (moved.length === 0) return { done, failed, undo: null };
  const what = `${moved.length} ${moved.length === 1 ? 'file' : 'files'} moved to ${path.basename(folder)}.`;
  return { done, failed, undo: { undo: await options.trash.discard({ kind: 'move', name: what, moved }), what } };
}
