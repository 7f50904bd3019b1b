import { describe, expect, it } from 'vitest';
import { SessionCache } from '../../../../core/backends/onnx/session-cache.ts';
import type { CachedSession } from '../../../../core/backends/onnx/session-cache.ts';

function fakeSession(name: string, disposed: string[]): CachedSession {
  const session = { dispose: () => disposed.push(name) };
  return { session: session as unknown as CachedSession['session'], inputs: [], outputs: [] };
}

describe('SessionCache', () => {
  it('evicts and disposes of the least recently used', () => {
    const disposed: string[] = [];
    const cache = new SessionCache(2);
    cache.set('a', fakeSession('a', disposed));
    cache.set('b', fakeSession('b', disposed));
    cache.get('a');
    cache.set('c', fakeSession('c', disposed));
    expect(disposed).toEqual(['b']);
    expect(cache.get('a')).toBeDefined();
    expect(cache.get('b')).toBeUndefined();
  });

  it('disposes of everything when cleared', () => {
    const disposed: string[] = [];
    const cache = new SessionCache(8);
    cache.set('a', fakeSession('a', disposed));
    cache.set('b', fakeSession('b', disposed));
    cache.clear();
    expect(disposed.sort()).toEqual(['a', 'b']);
    expect(cache.size).toBe(0);
  });
});
