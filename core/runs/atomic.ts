/**
 * Writing files so that a reader, a crash or a full disk never meets half of one: temporary name in the same folder, flush, rename,
 * flush of the folder.
 */
import { open, readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { CoreError, messageOf } from '../errors.ts';

/** How temporary files end; whatever has this ending and belongs to no running process is rubbish. */
export const temporaryEnding = '.tmp';

let written = 0;

/** The system's code of an error (`ENOENT`, …), or an empty string. */
export function systemCode(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

/** Turns a failed write into an error for people; a full disk says how much room was needed. */
function writeError(file: string, bytes: number, cause: unknown): CoreError {
  const code = systemCode(cause);
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    const text = `The disk is full: ${file} needs ${bytes} bytes. Free some space or choose a folder on another disk, then resume.`;
    return new CoreError('runs/disk-full', text, { cause });
  }
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') {
    return new CoreError('runs/not-writable', `May not write ${file}. Choose a folder that you may write to.`, {
      cause,
    });
  }
  return new CoreError('runs/write', `Could not write ${file}: ${messageOf(cause)}. Check the folder and its disk.`, {
    cause,
  });
}

/** Makes a rename or removal in `folder` durable. Windows cannot open folders, and does not need it. */
async function flushFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Renames over the target; on Windows a virus scanner may hold a fresh file for a moment. */
async function replace(from: string, to: string): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    try {
      await rename(from, to);
      return;
    } catch (error) {
      if (process.platform !== 'win32' || attempt === 4 || systemCode(error) === 'ENOENT') throw error;
      await new Promise((resolve) => setTimeout(resolve, 50 * (attempt + 1)));
    }
  }
}

/**
 * Writes `data` to `file` wholly or not at all. An older file of that name stays untouched until the new one is on the disk.
 * Throws `runs/disk-full`, `runs/not-writable` or `runs/write`; the temporary file is then removed.
 */
export async function writeFileAtomic(file: string, data: string | Uint8Array): Promise<void> {
  const folder = path.dirname(file);
  const temporary = path.join(folder, `.${path.basename(file)}.${process.pid}-${written++}${temporaryEnding}`);
  try {
    const handle = await open(temporary, 'wx');
    try {
      await handle.writeFile(data);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await replace(temporary, file);
    await flushFolder(folder);
  } catch (error) {
    await rm(temporary, { force: true });
    throw writeError(file, typeof data === 'string' ? Buffer.byteLength(data) : data.byteLength, error);
  }
}

/** Writes a value as indented JSON with {@link writeFileAtomic}. */
export async function writeJsonAtomic(file: string, value: unknown): Promise<void> {
  await writeFileAtomic(file, `${JSON.stringify(value, null, 2)}\n`);
}

/** Removes what interrupted writes left in `folder`. Only for a folder that nobody else writes to. */
export async function removeTemporaries(folder: string): Promise<void> {
  let names: string[];
  try {
    names = await readdir(folder);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return;
    throw error;
  }
  for (const name of names) {
    if (name.startsWith('.') && name.endsWith(temporaryEnding)) await rm(path.join(folder, name), { force: true });
  }
}
