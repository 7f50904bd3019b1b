/** The app's own log: one line an event, two files of a megabyte at most. Failing to log is never an error. */
import { appendFileSync, mkdirSync, renameSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { LibraryFolders } from './folders.ts';

const mostBytes = 1_000_000;

export class Log {
  readonly file: string;

  constructor(folders: Pick<LibraryFolders, 'logs'>) {
    this.file = path.join(folders.logs, 'core.log');
  }

  /** Written at once: the next line may be the last of a dying process. */
  write(level: 'info' | 'error', text: string): void {
    try {
      mkdirSync(path.dirname(this.file), { recursive: true });
      if ((statSync(this.file, { throwIfNoEntry: false })?.size ?? 0) > mostBytes)
        renameSync(this.file, `${this.file}.1`);
      const line = text.replace(/\s*\n\s*/g, ' | ');
      appendFileSync(this.file, `${new Date().toISOString()} ${process.pid} ${level} ${line}\n`);
    } catch {
      // A full disk is told of by whoever wanted to write something that matters.
    }
  }

  /** Newest last. */
  async lines(most: number): Promise<string[]> {
    const text = await readFile(this.file, 'utf8').catch(() => '');
    return text.split('\n').slice(0, -1).slice(-most);
  }
}
