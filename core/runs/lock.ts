/** A lock against two writers of one run folder: a file with the writer's process id. A dead writer's lock is taken over. */
import { open, readFile, rename, rm } from 'node:fs/promises';
import { hostname, uptime } from 'node:os';
import path from 'node:path';
import { CoreError } from '../errors.ts';
import { systemCode, temporaryEnding } from './atomic.ts';

interface Owner {
  readonly pid: number;
  readonly host: string;
  /** Milliseconds since 1970. */
  readonly since: number;
}

/** Locks of this process: a lock with our own process id that is not among them is left over from before a restart. */
const held = new Set<string>();

function parseOwner(text: string): Owner | null {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null) return null;
    const { pid, host, since } = value as Record<string, unknown>;
    return typeof pid === 'number' && typeof host === 'string' && typeof since === 'number'
      ? { pid, host, since }
      : null;
  } catch {
    return null;
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it runs, and belongs to somebody else.
    return systemCode(error) === 'EPERM';
  }
}

function isStale(file: string, owner: Owner): boolean {
  if (owner.host !== hostname()) return false;
  if (owner.pid === process.pid) return !held.has(file);
  // Older than the machine's start: the process id may belong to something else by now.
  const machineStart = Date.now() - uptime() * 1000;
  return owner.since < machineStart - 60_000 || !isRunning(owner.pid);
}

async function tryCreate(file: string): Promise<boolean> {
  try {
    const handle = await open(file, 'wx');
    try {
      await handle.writeFile(JSON.stringify({ pid: process.pid, host: hostname(), since: Date.now() } satisfies Owner));
    } finally {
      await handle.close();
    }
    return true;
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return false;
    throw error;
  }
}

async function read(file: string): Promise<string | null> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return null;
    throw error;
  }
}

/** Moves a stale lock away; if another process was quicker and the moved file is its fresh lock, that is put back. */
async function removeStale(file: string, stale: string): Promise<void> {
  const aside = path.join(path.dirname(file), `.${path.basename(file)}.${process.pid}${temporaryEnding}`);
  try {
    await rename(file, aside);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return;
    throw error;
  }
  if ((await read(aside)) === stale) await rm(aside, { force: true });
  else await rename(aside, file);
}

/** Takes the lock or throws `runs/locked`; the returned function gives it back. */
export async function acquireLock(file: string): Promise<() => Promise<void>> {
  for (let attempt = 0; attempt < 5; attempt++) {
    if (await tryCreate(file)) {
      held.add(file);
      return async () => {
        held.delete(file);
        await rm(file, { force: true });
      };
    }
    let text = await read(file);
    if (text === '') {
      // Its writer may be between making the file and filling it.
      await new Promise((resolve) => setTimeout(resolve, 100));
      text = await read(file);
    }
    if (text === null) continue;
    const owner = parseOwner(text);
    // A lock that cannot be read was torn: its writer died while making it.
    if (owner !== null && !isStale(file, owner)) {
      const who = `process ${owner.pid} on ${owner.host}`;
      const remedy = `Stop it first; if you are sure that it is gone, delete ${file}.`;
      throw new CoreError('runs/locked', `This run is being written by ${who}. ${remedy}`);
    }
    await removeStale(file, text);
  }
  throw new CoreError('runs/locked', `Several processes compete for ${file}. Let only one of them write this run.`);
}
