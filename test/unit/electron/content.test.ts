import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isOwnAddress, parseAddress } from '../../../electron/main/addresses.ts';
import { contentSecurityPolicy, createContentHandler } from '../../../electron/main/content.ts';

describe('addresses', () => {
  it.each([
    ['app://bundle', { kind: 'file', path: 'index.html' }],
    ['app://bundle/', { kind: 'file', path: 'index.html' }],
    ['app://bundle/assets/a-B_1.js?v=2#x', { kind: 'file', path: 'assets/a-B_1.js' }],
    ['app://bundle/index.html#/runs?run=a', { kind: 'file', path: 'index.html' }],
    ['app://bundle/image/run/a/samples/42?size=64', { kind: 'picture', path: '/image/run/a/samples/42?size=64' }],
  ])('understands %s', (url, target) => {
    expect(parseAddress(url)).toEqual(target);
  });

  it.each([
    'app://bundle/../package.json',
    'app://bundle/assets/../../package.json',
    'app://bundle/%2e%2e/package.json',
    'app://bundle/assets/.%2E/x.js',
    'app://bundle/..%2fpackage.json',
    'app://bundle/..%5Cpackage.json',
    'app://bundle/..\\package.json',
    'app://bundle/%252e%252e/package.json',
    'app://bundle/index.html%00.js',
    'app://bundle/index.html\0.js',
    'app://bundle//etc/passwd',
    'app://bundle/C:/windows/win.ini',
    'app://bundle/%E0%A4%A',
    'app://bundle/image/../run.json',
    'app://bundle/image/a?size=%2e%2e',
    'app://other/index.html',
    'app://bundle.evil/index.html',
    'app://bundle@evil/index.html',
    'app://bundle:80/index.html',
    'https://bundle/index.html',
    'file:///etc/passwd',
    '',
  ])('refuses %j', (url) => {
    expect(parseAddress(url)).toBeNull();
  });

  it('knows its own pages by scheme and whole host', () => {
    expect(['app://bundle', 'app://bundle/#/train'].map(isOwnAddress)).toEqual([true, true]);
    const foreign = ['app://bundle.evil/', 'app://bundle@evil/', 'https://bundle/', 'about:blank', 'data:text/html,x'];
    expect(foreign.map(isOwnAddress)).toEqual(foreign.map(() => false));
  });
});

describe('content', () => {
  let folder: string;
  const asked: string[] = [];
  const picture = (name: string) => {
    asked.push(name);
    if (name === '/image/broken') return Promise.reject(new Error('gone'));
    return Promise.resolve({ status: 200, type: 'image/png', body: Uint8Array.of(1, 2, 3) });
  };
  let get: (address: string, method?: string) => Promise<Response>;

  beforeAll(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'triangle-content-'));
    const root = path.join(folder, 'page');
    mkdirSync(path.join(root, 'assets'), { recursive: true });
    writeFileSync(path.join(root, 'index.html'), '<p>page</p>');
    writeFileSync(path.join(root, 'assets/a.js'), 'export {}');
    writeFileSync(path.join(root, 'secret.key'), 'key');
    writeFileSync(path.join(folder, 'outside.js'), 'outside');
    symlinkSync(path.join(folder, 'outside.js'), path.join(root, 'link.js'));
    const handler = createContentHandler({ root, picture });
    // A Request would normalise the address; the handler must not rely on that.
    get = (address, method = 'GET') => handler({ url: `app://bundle${address}`, method });
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('serves the page with its type and the policy', async () => {
    const response = await get('/');
    expect(response.status).toBe(200);
    expect(await response.text()).toBe('<p>page</p>');
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(response.headers.get('content-security-policy')).toBe(contentSecurityPolicy);
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    expect((await get('/assets/a.js')).headers.get('content-type')).toBe('text/javascript; charset=utf-8');
  });

  it('has a policy without inline scripts, eval or other hosts', () => {
    expect(contentSecurityPolicy).toContain("default-src 'none'");
    expect(contentSecurityPolicy).not.toMatch(/unsafe|\*|https?:/);
  });

  it.each([
    ['/missing.js', 404],
    ['/secret.key', 404],
    ['/assets', 404],
    ['/link.js', 403],
    ['/../outside.js', 403],
    ['/%2e%2e/outside.js', 403],
  ])('answers %s with %i, with the policy', async (address, status) => {
    const response = await get(address);
    expect(response.status).toBe(status);
    expect(response.headers.get('content-security-policy')).toBe(contentSecurityPolicy);
  });

  it('answers only GET', async () => {
    expect((await get('/', 'POST')).status).toBe(405);
  });

  it('passes pictures on to the core, with their query', async () => {
    const response = await get('/image/dataset/a/3?size=64');
    expect(asked.at(-1)).toBe('/image/dataset/a/3?size=64');
    expect(response.headers.get('content-type')).toBe('image/png');
    expect(new Uint8Array(await response.arrayBuffer())).toEqual(Uint8Array.of(1, 2, 3));
    expect((await get('/image/broken')).status).toBe(503);
  });
});
