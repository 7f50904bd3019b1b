/** The page's own files on disk, below one folder and nowhere else: for every host that shows the page. */
import { readFile, realpath } from 'node:fs/promises';
import path from 'node:path';

/** What the page's build contains; anything else is not served. */
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

export type PageFile =
  | {
      readonly status: 200;
      readonly bytes: Uint8Array;
      readonly type: string;
      /** Names with a hash of the contents never change. */
      readonly immutable: boolean;
    }
  /** 403: a link that leads out of the folder. */
  | { readonly status: 403 | 404 };

/** Reads a file by its names below `root`; the caller has refused names that are no plain ones. */
export async function readPageFile(root: string, names: readonly string[]): Promise<PageFile> {
  const type = types[path.extname(names.at(-1) ?? '').toLowerCase()];
  if (type === undefined) return { status: 404 };
  try {
    const folder = await realpath(root);
    const file = await realpath(path.join(folder, ...names));
    if (!file.startsWith(folder + path.sep)) return { status: 403 };
    return { status: 200, bytes: await readFile(file), type, immutable: names[0] === 'assets' };
  } catch {
    return { status: 404 };
  }
}
