/** The browser host: one HTTP server on 127.0.0.1 with the page, its pictures, its uploads and its socket. Everything else is refused. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { readPageFile } from '../../ipc/page-files.ts';
import { createSupervisor, type CoreChild, type Lane, type Supervisor } from '../../ipc/supervisor.ts';
import { cookieName, judge, makeToken, securityHeaders, type Verdict } from './guard.ts';
import { createSockets } from './sockets.ts';
import { safeNames } from './page-names.ts';
import { receiveUpload, UploadError } from './uploads.ts';

export interface HostOptions {
  /** Folder of the built page. */
  readonly page: string;
  readonly spawn: (lane: Lane) => CoreChild;
  /** 0: any free one. */
  readonly port: number;
}

export interface BrowserHost {
  /** The link with the token. */
  readonly link: string;
  readonly port: number;
  readonly supervisor: Supervisor;
  close(): Promise<void>;
}

const refusals = {
  host: [403, 'Refused: this address is not the one that "triangle serve" printed.'],
  origin: [403, 'Refused: the request comes from another page.'],
  token: [403, 'Refused: open the link that "triangle serve" printed; it holds the token.'],
} as const satisfies Record<Extract<Verdict, { allowed: false }>['why'], readonly [number, string]>;

/** Rejects with the system's error when the port is taken. */
export async function startHost(options: HostOptions): Promise<BrowserHost> {
  const token = makeToken();
  const server = createServer({ maxHeaderSize: 16_384 });
  // Listening first: the port decides about hosts, cookie and policy.
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  const headers = securityHeaders(port);
  const sockets = createSockets(() => supervisor);
  const supervisor = createSupervisor({ spawn: options.spawn, onEvent: (event) => sockets.send(event) });

  const reply = (
    response: ServerResponse,
    status: number,
    body: string | Uint8Array,
    more: Record<string, string> = {},
  ): void => {
    response.writeHead(status, {
      ...headers,
      'content-type': 'text/plain; charset=utf-8',
      'cache-control': 'no-store',
      ...more,
    });
    response.end(body);
  };

  const picture = async (response: ServerResponse, rawPath: string, query: URLSearchParams): Promise<void> => {
    query.delete('token');
    const search = query.toString();
    const answer = await supervisor.resource(search === '' ? rawPath : `${rawPath}?${search}`);
    if (answer.ok) {
      const { bytes, contentType } = answer.value;
      reply(response, 200, bytes, { 'content-type': contentType, 'cache-control': 'private, no-cache' });
    } else reply(response, answer.code === 'core/died' ? 503 : 404, answer.message);
  };

  const upload = async (request: IncomingMessage, response: ServerResponse, query: URLSearchParams): Promise<void> => {
    try {
      const folders = await supervisor.call({ id: 0, channel: 'settings.folders', request: {} });
      if (!folders.ok) throw new UploadError(503, folders.message);
      const dir = path.join((folders.value as { library: string }).library, 'uploads');
      const file = await receiveUpload(request, {
        dir,
        batch: query.get('batch') ?? '',
        name: query.get('name') ?? '',
      });
      reply(response, 200, JSON.stringify({ path: file }), { 'content-type': 'application/json' });
    } catch (error) {
      const status = error instanceof UploadError ? error.status : 500;
      const text = error instanceof UploadError ? error.message : 'The file could not be written. Is the disk full?';
      // The rest of the body is of no use to anybody.
      request.resume();
      if (!response.headersSent) reply(response, status, text, { connection: 'close' });
    }
  };

  const page = async (response: ServerResponse, rawPath: string, withToken: boolean): Promise<void> => {
    const names = safeNames(rawPath);
    const file = names === null ? { status: 403 as const } : await readPageFile(options.page, names);
    if (file.status !== 200) reply(response, file.status, file.status === 403 ? 'Refused.' : 'There is nothing here.');
    else {
      reply(response, 200, file.bytes, {
        'content-type': file.type,
        'cache-control': file.immutable ? 'private, max-age=31536000, immutable' : 'no-cache',
        ...(withToken && { 'set-cookie': `${cookieName(port)}=${token}; HttpOnly; SameSite=Strict; Path=/` }),
      });
    }
  };

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { rawPath, query } = addressOf(request);
    const given = query.get('token');
    const posts = request.method === 'POST';
    const verdict = judge({ headers: request.headers, token: given, needsOrigin: posts }, { port, token });
    if (!verdict.allowed) {
      const [status, text] = refusals[verdict.why];
      reply(response, status, text, { connection: 'close' });
    } else if (posts) {
      if (rawPath === '/upload') await upload(request, response, query);
      else reply(response, 404, 'There is nothing here.', { connection: 'close' });
    } else if (request.method !== 'GET') reply(response, 405, 'Only GET.', { connection: 'close' });
    else if (rawPath.startsWith('/image/')) await picture(response, rawPath, query);
    else await page(response, rawPath, given !== null);
  };

  server.on('request', (request, response) => {
    handle(request, response).catch(() => {
      if (response.headersSent) response.destroy();
      else reply(response, 500, 'Something went wrong inside.', { connection: 'close' });
    });
  });
  server.on('upgrade', (request, socket, head) => {
    const { rawPath, query } = addressOf(request);
    const asked = { headers: request.headers, token: query.get('token'), needsOrigin: true };
    const verdict = judge(asked, { port, token });
    if (verdict.allowed && rawPath === '/socket') sockets.accept(request, socket, head);
    else socket.end(`HTTP/1.1 ${verdict.allowed ? '404 Not Found' : '403 Forbidden'}\r\nConnection: close\r\n\r\n`);
  });
  return {
    link: `http://127.0.0.1:${port}/?token=${token}`,
    port,
    supervisor,
    async close() {
      sockets.close();
      server.close();
      server.closeAllConnections();
      await supervisor.close();
    },
  };
}

/** The path as it was sent, without any decoding or tidying, and the query. */
function addressOf(request: IncomingMessage): { rawPath: string; query: URLSearchParams } {
  const [rawPath = '', search = ''] = (request.url ?? '').split(/\?(.*)/s);
  return { rawPath, query: new URLSearchParams(search) };
}
