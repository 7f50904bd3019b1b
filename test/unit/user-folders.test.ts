import path from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { defaultCacheDir, defaultLibraryDir } from '../../core/user-folders.ts';

afterEach(() => vi.unstubAllEnvs());

describe("the system's folders", () => {
  it('are two, both with the name of the program', () => {
    for (const name of ['TRIANGLE_CACHE', 'TRIANGLE_LIBRARY']) vi.stubEnv(name, '');
    expect(path.basename(defaultCacheDir())).toBe('triangle-studio');
    expect(path.basename(defaultLibraryDir())).toBe('triangle-studio');
    expect(defaultCacheDir()).not.toBe(defaultLibraryDir());
  });

  it('are those that the environment names', () => {
    vi.stubEnv('TRIANGLE_CACHE', path.join('some', 'cache'));
    vi.stubEnv('TRIANGLE_LIBRARY', path.join('some', 'library'));
    expect(defaultCacheDir()).toBe(path.resolve('some/cache'));
    expect(defaultLibraryDir()).toBe(path.resolve('some/library'));
  });

  it.skipIf(process.platform === 'win32' || process.platform === 'darwin')('follow XDG', () => {
    for (const name of ['TRIANGLE_CACHE', 'TRIANGLE_LIBRARY']) vi.stubEnv(name, '');
    vi.stubEnv('XDG_CACHE_HOME', '/c');
    vi.stubEnv('XDG_DATA_HOME', '/d');
    expect([defaultCacheDir(), defaultLibraryDir()]).toEqual(['/c/triangle-studio', '/d/triangle-studio']);
  });
});
