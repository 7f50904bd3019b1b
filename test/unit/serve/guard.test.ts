import { describe, expect, it } from 'vitest';
import { judge, makeToken, sameToken, securityHeaders } from '../../../cli/serve/guard.ts';
import { safeNames } from '../../../cli/serve/page-names.ts';
import { uploadNames } from '../../../cli/serve/uploads.ts';

const token = 'AbCdEfGhIjKlMnOpQrStUv';
const port = 7860;
const host = '127.0.0.1:7860';
const ask = (headers: Record<string, string | undefined>, needsOrigin = false, given: string | null = token) =>
  judge({ headers, token: given, needsOrigin }, { port, token });

describe('who may speak to the browser host', () => {
  it('is a page of this very address with the token', () => {
    expect(ask({ host, origin: `http://${host}` }, true)).toEqual({ allowed: true });
    expect(ask({ host: 'localhost:7860', origin: 'http://localhost:7860' }, true)).toEqual({ allowed: true });
    expect(ask({ host })).toEqual({ allowed: true });
  });

  it.each([
    'evil.example',
    'evil.example:7860',
    '127.0.0.1',
    '127.0.0.1:7861',
    '127.0.0.1:7860.evil.example',
    'LOCALHOST.:7860',
    '[::1]:7860',
    undefined,
  ])('is not somebody who asks for host %s', (forged) => {
    expect(ask({ host: forged, origin: forged === undefined ? undefined : `http://${forged}` })).toEqual({
      allowed: false,
      why: 'host',
    });
  });

  it.each([
    'http://evil.example',
    'https://127.0.0.1:7860',
    'http://localhost:7860',
    'http://127.0.0.1:78600',
    'null',
    '',
  ])('is not a page of origin %s', (origin) => {
    expect(ask({ host, origin })).toEqual({ allowed: false, why: 'origin' });
  });

  it('is nobody without an origin where one is needed', () => {
    expect(ask({ host }, true)).toEqual({ allowed: false, why: 'origin' });
  });

  it('is nobody without the token, from address, header or cookie of this port', () => {
    expect(ask({ host }, false, null)).toEqual({ allowed: false, why: 'token' });
    expect(ask({ host }, false, `${token}x`)).toEqual({ allowed: false, why: 'token' });
    expect(ask({ host, cookie: `triangle-7861=${token}` }, false, null)).toEqual({ allowed: false, why: 'token' });
    expect(ask({ host, cookie: `a=b; triangle-7860=${token}` }, false, null)).toEqual({ allowed: true });
    expect(ask({ host, 'x-triangle-token': token }, false, null)).toEqual({ allowed: true });
    // A wrong token in the address is not mended by a right cookie.
    expect(ask({ host, cookie: `triangle-7860=${token}` }, false, 'wrong')).toEqual({ allowed: false, why: 'token' });
  });

  it('has a token of 128 bits, another each time', () => {
    expect(Buffer.from(makeToken(), 'base64url')).toHaveLength(16);
    expect(makeToken()).not.toBe(makeToken());
    expect(sameToken('', '')).toBe(true);
    expect(sameToken(null, token)).toBe(false);
  });

  it('allows no inline script and no foreign address', () => {
    const policy = securityHeaders(port)['content-security-policy'] ?? '';
    expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self';");
    expect(policy).not.toMatch(/unsafe|\*/);
    expect(policy).toContain("connect-src 'self' ws://127.0.0.1:7860 ws://localhost:7860;");
  });
});

describe('names of the page', () => {
  it.each([
    '/..',
    '/../secret',
    '/a/../b',
    '/%2e%2e/secret',
    '/a%2fb',
    '/a%5cb',
    '/a\\b',
    '/a\0b',
    '//etc/passwd',
    '/.git/config',
    '/a/',
    '/a..js',
    '/a.',
    '',
    'a',
    '/a b',
    '/C:/x',
  ])('refuses %j', (raw) => {
    expect(safeNames(raw)).toBeNull();
  });

  it('takes its own', () => {
    expect(safeNames('/')).toEqual(['index.html']);
    expect(safeNames('/assets/index-DkA_3-x.js')).toEqual(['assets', 'index-DkA_3-x.js']);
  });
});

describe('names of uploads', () => {
  it.each(['../a.png', 'a/../b.png', '.hidden', 'a//b', '', '/a', '...', `${'a/'.repeat(30)}b`])(
    'refuses %j',
    (name) => {
      expect(() => uploadNames(name)).toThrow('cannot be kept');
    },
  );

  it('keeps folders and mends what Windows forbids', () => {
    expect(uploadNames('bottles/good/1 (2).png')).toEqual(['bottles', 'good', '1 (2).png']);
    expect(uploadNames('a\\b:c.png')).toEqual(['a_b_c.png']);
  });
});
