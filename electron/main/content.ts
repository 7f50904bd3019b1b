/** Answers `app://bundle/…`: the page's files, and pictures from the core. Each answer carries the content security policy. */
import { readPageFile } from '../../ipc/page-files.ts';
import { parseAddress } from './addresses.ts';

/** A picture, or why there is none, as an HTTP status. */
export interface Picture {
  readonly status: number;
  readonly type: string;
  readonly body: Uint8Array;
}

export interface ContentOptions {
  /** The folder of the page: dist/renderer. */
  readonly root: string;
  readonly picture: (path: string) => Promise<Picture>;
}

export const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' blob:",
  "font-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const commonHeaders = {
  'content-security-policy': contentSecurityPolicy,
  'x-content-type-options': 'nosniff',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
};

function refuse(status: number, text: string): Response {
  return new Response(text, { status, headers: { ...commonHeaders, 'content-type': 'text/plain; charset=utf-8' } });
}

function answer(body: Uint8Array, type: string, status = 200): Response {
  // Both the page and the pictures change below a running program: a run's grid grows, a build is renewed.
  const headers = { ...commonHeaders, 'content-type': type, 'cache-control': 'no-cache' };
  return new Response(Uint8Array.from(body), { status, headers });
}

async function readPage(root: string, name: string): Promise<Response> {
  const file = await readPageFile(root, name.split('/'));
  if (file.status !== 200) return refuse(file.status, file.status === 403 ? 'Refused' : 'Not found');
  return answer(file.bytes, file.type);
}

export function createContentHandler({
  root,
  picture,
}: ContentOptions): (request: Pick<Request, 'url' | 'method'>) => Promise<Response> {
  return async (request) => {
    if (request.method !== 'GET') return refuse(405, 'Only GET');
    const target = parseAddress(request.url);
    if (target === null) return refuse(403, 'Refused');
    if (target.kind === 'file') return readPage(root, target.path);
    try {
      const { status, type, body } = await picture(target.path);
      return answer(body, type, status);
    } catch {
      return refuse(503, 'The core does not answer');
    }
  };
}
