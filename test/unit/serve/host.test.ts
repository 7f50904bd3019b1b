import { mkdtemp, mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { startHost, type BrowserHost } from '../../../cli/serve/host.ts';
import type { CoreChild, FromCore } from '../../../ipc/supervisor.ts';

let dir: string;
let host: BrowserHost;
let token: string;

/** A core that answers by itself, so that only the host is tested. */
function fakeCore(): CoreChild {
  let tell: (message: FromCore) => void = () => undefined;
  let exit: (code: number | null) => void = () => undefined;
  setImmediate(() => tell({ type: 'ready' }));
  return {
    send(message) {
      if (message.type === 'close') setImmediate(() => exit(0));
      else if (message.type === 'call') {
        const { id, channel } = message.call;
        const value = channel === 'settings.folders' ? { library: dir } : { channel };
        tell({ type: 'answer', answer: { id, ok: true, value } });
      } else {
        const { id } = message;
        const answer =
          message.path === '/image/dataset/abc/1?size=32'
            ? ({ ok: true, value: { bytes: Uint8Array.of(1, 2, 3), contentType: 'image/png' } } as const)
            : ({ ok: false, code: 'resource/path', message: 'There is no such picture.' } as const);
        tell({ type: 'resource', id, answer });
      }
    },
    onMessage: (callback) => (tell = callback),
    onExit: (callback) => (exit = callback),
    kill: () => exit(null),
  };
}

interface Answer {
  readonly status: number;
  readonly headers: Record<string, string | string[] | undefined>;
  readonly body: string;
}

/** A request with the path exactly as given: `fetch` would tidy it. */
function ask(
  rawPath: string,
  options: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { method = 'GET', headers = {}, body } = options;
    const sent = httpRequest(
      { host: '127.0.0.1', port: host.port, path: rawPath, method, headers, setHost: headers['host'] === undefined },
      (response) => {
        const parts: Buffer[] = [];
        response.on('data', (part: Buffer) => parts.push(part));
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: Buffer.concat(parts).toString(),
          }),
        );
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}

const withToken = (rawPath: string): string => `${rawPath}${rawPath.includes('?') ? '&' : '?'}token=${token}`;

beforeAll(async () => {
  dir = await mkdtemp(path.join(os.tmpdir(), 'triangle-serve-'));
  await mkdir(path.join(dir, 'page/assets'), { recursive: true });
  await writeFile(path.join(dir, 'page/index.html'), '<!doctype html><title>page</title>');
  await writeFile(path.join(dir, 'page/assets/a-1.js'), 'export {};');
  await writeFile(path.join(dir, 'secret.json'), '{"secret":true}');
  await symlink(path.join(dir, 'secret.json'), path.join(dir, 'page/link.json'));
  host = await startHost({ page: path.join(dir, 'page'), spawn: fakeCore, port: 0 });
  token = new URL(host.link).searchParams.get('token') ?? '';
});

afterAll(async () => {
  await host.close();
  await rm(dir, { recursive: true });
});

describe('the browser host', () => {
  it('gives the page to the link, with policy and cookie', async () => {
    const { status, headers, body } = await ask(withToken('/'));
    expect(status).toBe(200);
    expect(body).toContain('<title>page</title>');
    expect(headers['content-security-policy']).toContain("default-src 'none'");
    expect(headers['set-cookie']?.[0]).toMatch(/HttpOnly; SameSite=Strict/);
    expect(headers['access-control-allow-origin']).toBeUndefined();
  });

  it('knows the cookie', async () => {
    const cookie = `triangle-${host.port}=${token}`;
    expect((await ask('/assets/a-1.js', { headers: { cookie } })).status).toBe(200);
    expect((await ask('/assets/a-1.js')).status).toBe(403);
  });

  it.each(['/', '/assets/a-1.js', '/image/dataset/abc/1', '/socket', '/upload', '/nothing'])(
    'refuses %s without the token',
    async (raw) => {
      const answer = await ask(raw);
      expect(answer.status).toBe(403);
      expect(answer.body).toContain('token');
    },
  );

  it.each(['evil.example', 'evil.example:80', '127.0.0.1:1', 'localhost'])(
    'refuses host %s even with the token',
    async (forged) => {
      expect((await ask(withToken('/'), { headers: { host: forged } })).status).toBe(403);
    },
  );

  it('refuses a foreign origin even with the token', async () => {
    expect((await ask(withToken('/'), { headers: { origin: 'http://evil.example' } })).status).toBe(403);
  });

  it.each([
    '/../secret.json',
    '/%2e%2e/secret.json',
    '/..%2fsecret.json',
    '/..%5csecret.json',
    '/assets/..%2f..%2fsecret.json',
    '/a%00.json',
    '/link.json',
  ])('does not leave its folder for %s', async (raw) => {
    const { status, body } = await ask(withToken(raw));
    expect([403, 404]).toContain(status);
    expect(body).not.toContain('secret');
  });

  it('passes pictures on, without the token', async () => {
    const { status, headers } = await ask(withToken('/image/dataset/abc/1?size=32'));
    expect(status).toBe(200);
    expect(headers['content-type']).toBe('image/png');
    expect((await ask(withToken('/image/../secret.json'))).status).toBe(404);
  });

  it('refuses other methods', async () => {
    for (const method of ['PUT', 'DELETE', 'OPTIONS']) expect((await ask(withToken('/'), { method })).status).toBe(405);
  });

  it('keeps an upload below the library, from its own page only', async () => {
    const origin = `http://127.0.0.1:${host.port}`;
    const raw = withToken('/upload?batch=b1&name=bottles%2F1.png');
    expect((await ask(raw, { method: 'POST', body: 'x' })).status).toBe(403);
    const { status, body } = await ask(raw, { method: 'POST', body: 'pixels', headers: { origin } });
    expect(status).toBe(200);
    const file = (JSON.parse(body) as { path: string }).path;
    expect(file).toBe(path.join(dir, 'uploads/b1/bottles/1.png'));
    expect(await readFile(file, 'utf8')).toBe('pixels');
    const bad = withToken('/upload?batch=b1&name=..%2F..%2Fevil.png');
    expect((await ask(bad, { method: 'POST', body: 'x', headers: { origin } })).status).toBe(400);
  });
});

function openSocket(raw: string, headers: Record<string, string>): Promise<WebSocket> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`ws://127.0.0.1:${host.port}${raw}`, { headers });
    socket.on('open', () => resolve(socket));
    socket.on('error', reject);
  });
}

describe('the socket', () => {
  const origin = () => `http://127.0.0.1:${host.port}`;

  it('answers calls by their number', async () => {
    const socket = await openSocket(withToken('/socket'), { origin: origin() });
    const answer = new Promise<string>((resolve) => socket.on('message', (data: Buffer) => resolve(data.toString())));
    socket.send(JSON.stringify({ id: 7, channel: 'runs.list', request: {} }));
    expect(JSON.parse(await answer)).toEqual({ id: 7, ok: true, value: { channel: 'runs.list' } });
    socket.close();
  });

  it.each([
    ['no token', '/socket', {}],
    ['a wrong token', '/socket?token=wrong', {}],
    ['a foreign origin', 'TOKEN/socket', { origin: 'http://evil.example' }],
    ['no origin', 'TOKEN/socket', { origin: '' }],
    ['a forged host', 'TOKEN/socket', { host: 'evil.example' }],
  ])('is closed to %s', async (_, raw, headers) => {
    const address = raw.startsWith('TOKEN') ? withToken(raw.slice(5)) : raw;
    await expect(openSocket(address, { origin: origin(), ...headers })).rejects.toThrow('403');
  });

  it('is nowhere else', async () => {
    await expect(openSocket(withToken('/other'), { origin: origin() })).rejects.toThrow('404');
  });

  it.each([
    ['no JSON', 'nonsense', 1007],
    ['no call', '{"a":1}', 1008],
    ['a huge message', `{"id":1,"channel":"runs.list","request":"${'x'.repeat(17 * 2 ** 20)}"}`, 1009],
  ])('lets go of a tab that sends %s', async (_, text, code) => {
    const socket = await openSocket(withToken('/socket'), { origin: origin() });
    const closed = new Promise<number>((resolve) => socket.on('close', resolve));
    socket.on('error', () => undefined);
    socket.send(text);
    expect(await closed).toBe(code);
  });

  it('says that there is no such call', async () => {
    const socket = await openSocket(withToken('/socket'), { origin: origin() });
    const answer = new Promise<string>((resolve) => socket.on('message', (data: Buffer) => resolve(data.toString())));
    socket.send(JSON.stringify({ id: 1, channel: 'core.die', request: {} }));
    expect(JSON.parse(await answer)).toMatchObject({ id: 1, ok: false, code: 'contract/channel' });
    socket.close();
  });

  it('listens on this machine only', async () => {
    const other = Object.values(os.networkInterfaces())
      .flat()
      .find((address) => address?.family === 'IPv4' && !address.internal);
    if (other === undefined) return;
    const refused = await new Promise<boolean>((resolve) => {
      const socket = connect({ host: other.address, port: host.port });
      socket.on('connect', () => resolve(false));
      socket.on('error', () => resolve(true));
    });
    expect(refused).toBe(true);
  });
});
