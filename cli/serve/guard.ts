/**
 * Who may speak to the browser host: only this machine (the socket listens on 127.0.0.1), only pages that came from it, only with the
 * token. Host is compared exactly, so that a name that an attacker points at 127.0.0.1 (DNS rebinding) is refused.
 */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/** 128 bits, URL-safe. */
export function makeToken(): string {
  return randomBytes(16).toString('base64url');
}

export function sameToken(given: string | null | undefined, token: string): boolean {
  const [a, b] = [Buffer.from(given ?? ''), Buffer.from(token)];
  return a.length === b.length && timingSafeEqual(a, b);
}

/** The only hosts under which the page may be opened. `localhost` always means this machine to a browser. */
export function ownHosts(port: number): readonly string[] {
  return [`127.0.0.1:${port}`, `localhost:${port}`];
}

export function cookieName(port: number): string {
  // Cookies know no ports: two hosts on one machine would overwrite each other's.
  return `triangle-${port}`;
}

function cookieOf(headers: IncomingHttpHeaders, name: string): string | null {
  for (const pair of (headers.cookie ?? '').split(';')) {
    const [key, ...value] = pair.trim().split('=');
    if (key === name) return value.join('=');
  }
  return null;
}

export interface Asked {
  readonly headers: IncomingHttpHeaders;
  /** Of the address; null without one. */
  readonly token: string | null;
  /** Sockets and uploads must say where they come from; pictures and pages need not, but must not lie. */
  readonly needsOrigin: boolean;
}

export type Verdict =
  { readonly allowed: true } | { readonly allowed: false; readonly why: 'host' | 'origin' | 'token' };

/** The three checks, in the order in which they tell an attacker least. */
export function judge(asked: Asked, { port, token }: { readonly port: number; readonly token: string }): Verdict {
  const { host, origin } = asked.headers;
  if (host === undefined || !ownHosts(port).includes(host)) return { allowed: false, why: 'host' };
  if (origin === undefined ? asked.needsOrigin : origin !== `http://${host}`) return { allowed: false, why: 'origin' };
  const header = asked.headers['x-triangle-token'];
  const given = asked.token ?? (typeof header === 'string' ? header : cookieOf(asked.headers, cookieName(port)));
  return sameToken(given, token) ? { allowed: true } : { allowed: false, why: 'token' };
}

export function securityHeaders(port: number): Record<string, string> {
  const sockets = ownHosts(port).map((host) => `ws://${host}`);
  return {
    'content-security-policy': [
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self'",
      "img-src 'self' blob: data:",
      "font-src 'self'",
      `connect-src 'self' ${sockets.join(' ')}`,
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
    ].join('; '),
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'referrer-policy': 'no-referrer',
    'permissions-policy': 'camera=(), microphone=(), geolocation=()',
  };
}
