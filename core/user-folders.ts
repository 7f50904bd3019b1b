/** Where the system wants a program's files: a cache that may be deleted at any time, and what a person collects. */
import os from 'node:os';
import path from 'node:path';

const program = 'triangle-studio';

interface Customs {
  /** What names the base, and where below the home it is otherwise. */
  readonly windows: { readonly variable: string; readonly folder: string };
  /** Below `Library`. */
  readonly mac: string;
  readonly xdg: Customs['windows'];
}

/** A folder that the environment names, else by the customs of the system. */
function folderFor(variable: string, custom: Customs): string {
  const { env, platform } = process;
  const named = env[variable];
  if (named !== undefined && named !== '') return path.resolve(named);
  const home = os.homedir();
  switch (platform) {
    case 'win32':
      return path.join(env[custom.windows.variable] ?? path.join(home, 'AppData', custom.windows.folder), program);
    case 'darwin':
      return path.join(home, 'Library', custom.mac, program);
    default:
      return path.join(env[custom.xdg.variable] ?? path.join(home, custom.xdg.folder), program);
  }
}

/** The user's cache folder for this program; `TRIANGLE_CACHE` overrides it. */
export function defaultCacheDir(): string {
  return folderFor('TRIANGLE_CACHE', {
    windows: { variable: 'LOCALAPPDATA', folder: 'Local' },
    mac: 'Caches',
    xdg: { variable: 'XDG_CACHE_HOME', folder: '.cache' },
  });
}

/** The user's data folder for this program; `TRIANGLE_LIBRARY` overrides it. */
export function defaultLibraryDir(): string {
  return folderFor('TRIANGLE_LIBRARY', {
    windows: { variable: 'APPDATA', folder: 'Roaming' },
    mac: 'Application Support',
    xdg: { variable: 'XDG_DATA_HOME', folder: '.local/share' },
  });
}
