/** The page's own files, below one folder and nowhere else. */
import { readFile, realpath } from 'node:fs/promises';
import path from 'node:path';

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.webp': 'image/webp',
  '.woff2': 'font/woff2',
  '.json': 'application/json',
};

/**
 * The path as it was sent, as names below the folder; null for one that is refused. Nothing is decoded: our own files need no escapes,
 * so any `%`, backslash, NUL, empty or dotted name is somebody's trick.
 */
export function safeNames(rawPath: string): string[] | null {
  if (rawPath === '/') return ['index.html'];
  if (!/^(\/[A-Za-z0-9_-][A-Za-z0-9._-]*)+$/.test(rawPath)) return null;
  const names = rawPath.slice(1).split('/');
  return names.some((name) => name.includes('..') || name.endsWith('.')) ? null : names;
}

export interface StaticFile {
  readonly bytes: Uint8Array;
  readonly type: string;
  /** Names with a hash of the contents never change. */
  readonly immutable: boolean;
}

/** Null where there is no such file, or where it leads out of the folder. */
export async function readStatic(root: string, names: readonly string[]): Promise<StaticFile | null> {
  const type = types[path.extname(names.at(-1) ?? '').toLowerCase()];
  if (type === undefined) return null;
  try {
    const folder = await realpath(root);
    const file = await realpath(path.join(folder, ...names));
    if (!file.startsWith(folder + path.sep)) return null;
    return { bytes: await readFile(file), type, immutable: names[0] === 'assets' };
  } catch {
    return null;
  }
}
