/** Files that appear whole or not at all: written under a temporary name, flushed, renamed. */
import { createHash, randomBytes } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { codeOf } from './file-errors.ts';

const marker = '.tmp-';
const host = createHash('sha256').update(os.hostname()).digest('hex').slice(0, 8);
/** Temporary files of other machines (shared folders) are left alone for a day. */
const foreignAgeMs = 24 * 3600 * 1000;

/** A name beside `target` that no other process uses and {@link sweepTemporaries} recognises. */
export function temporaryBeside(target: string): string {
  return `${target}${marker}${host}-${process.pid}-${randomBytes(6).toString('hex')}`;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
}

/** Removes what killed processes left in `folder`. Never throws: a leftover is only a waste of space. */
export function sweepTemporaries(folder: string): void {
  let names: string[];
  try {
    names = fs.readdirSync(folder);
  } catch {
    return;
  }
  for (const name of names) {
    const found = /\.tmp-([0-9a-f]{8})-(\d+)-[0-9a-f]{12}$/.exec(name);
    if (found === null) continue;
    const full = path.join(folder, name);
    try {
      const abandoned =
        found[1] === host ? !isAlive(Number(found[2])) : Date.now() - fs.statSync(full).mtimeMs > foreignAgeMs;
      if (abandoned) fs.rmSync(full, { recursive: true, force: true });
    } catch {
      // Another process swept it first, or it is not ours to remove.
    }
  }
}

/** Removes a file or folder if it is there and can be removed; used after failures, which must not be masked by another. */
export function removeQuietly(target: string): void {
  try {
    fs.rmSync(target, { recursive: true, force: true });
  } catch {
    // The next sweep of temporaries tries again.
  }
}

/** Flushes a folder's entries to the disk where the platform can. */
export function syncFolder(folder: string): void {
  try {
    const descriptor = fs.openSync(folder, 'r');
    try {
      fs.fsyncSync(descriptor);
    } finally {
      fs.closeSync(descriptor);
    }
  } catch {
    // Windows cannot open folders; its renames are journalled.
  }
}

/** Writes all of `bytes` at the descriptor's position, however many calls that takes. */
export function writeAll(descriptor: number, bytes: Uint8Array): void {
  for (let offset = 0; offset < bytes.length;) offset += fs.writeSync(descriptor, bytes, offset);
}

/** Writes a whole file, flushed before this returns. */
export function writeFlushed(file: string, bytes: Uint8Array): void {
  const descriptor = fs.openSync(file, 'wx');
  try {
    writeAll(descriptor, bytes);
    fs.fsyncSync(descriptor);
  } finally {
    fs.closeSync(descriptor);
  }
}
