/** Chromium and its DevTools protocol over a pipe: JSON messages that end with NUL, on file descriptors 3 and 4. */
import { spawn, type ChildProcess } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Readable, Writable } from 'node:stream';

export type Fields = Readonly<Record<string, unknown>>;

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: Fields;
  readonly result?: Fields;
  readonly error?: { readonly message: string };
  readonly sessionId?: string;
}

/** What one target is told and tells; the browser's own session has the id ''. */
export class Session extends EventEmitter {
  readonly id: string;
  private readonly connection: Connection;

  constructor(connection: Connection, id: string) {
    super();
    this.connection = connection;
    this.id = id;
  }

  /** Rejects with the protocol's own words. The caller names the fields that it reads of the answer. */
  send<T = Fields>(method: string, params: Fields = {}): Promise<T> {
    return this.connection.send(this.id, method, params) as Promise<T>;
  }

  /** For what may fail because the page has gone meanwhile. */
  tell(method: string, params: Fields = {}): void {
    this.send(method, params).catch(() => undefined);
  }

  /** The caller names the fields that it reads of the event. */
  listen(method: string, listener: (params: never) => void): void {
    this.on(method, listener as (params: unknown) => void);
  }
}

export class Connection {
  readonly browser: Session;
  private readonly sessions = new Map<string, Session>();
  private readonly waiting = new Map<number, { resolve: (value: Fields) => void; reject: (error: Error) => void }>();
  private readonly output: Writable;
  private lastId = 0;
  private rest = '';

  constructor(input: Readable, output: Writable) {
    this.output = output;
    this.browser = this.session('');
    input.setEncoding('utf8');
    input.on('data', (text: string) => {
      const messages = (this.rest + text).split('\0');
      this.rest = messages.pop() ?? '';
      for (const message of messages) this.receive(JSON.parse(message) as Message);
    });
    input.on('close', () => {
      for (const call of this.waiting.values()) call.reject(new Error('Chromium has gone.'));
      this.waiting.clear();
    });
    // Chromium may end first.
    output.on('error', () => undefined);
  }

  session(id: string): Session {
    const found = this.sessions.get(id) ?? new Session(this, id);
    this.sessions.set(id, found);
    return found;
  }

  send(sessionId: string, method: string, params: Fields): Promise<Fields> {
    const id = ++this.lastId;
    const target = sessionId === '' ? {} : { sessionId };
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject: (error) => reject(new Error(`${method}: ${error.message}`)) });
      this.output.write(`${JSON.stringify({ id, method, params, ...target })}\0`);
    });
  }

  private receive(message: Message): void {
    if (message.id === undefined) {
      this.sessions.get(message.sessionId ?? '')?.emit(message.method ?? '', message.params);
      return;
    }
    const call = this.waiting.get(message.id);
    this.waiting.delete(message.id);
    if (message.error === undefined) call?.resolve(message.result ?? {});
    else call?.reject(new Error(message.error.message));
  }
}

/** Noise of a machine without a desktop; everything else of Chromium's standard error is passed on, Playwright reads it. */
const noise = /dbus|ALSA|unexpected operator|vaInitialize|gcm|registration_request/;

/** `switches`: what the app and Playwright appended to Electron's command line, as `name` or `name=value`. */
export function startChromium(program: string, switches: readonly string[]) {
  const profile = mkdtempSync(path.join(tmpdir(), 'electron-on-chromium-'));
  const words = [
    '--headless',
    '--no-sandbox',
    '--no-startup-window',
    '--disable-gpu',
    '--hide-scrollbars',
    '--remote-debugging-pipe',
    '--remote-debugging-port=0',
    `--user-data-dir=${profile}`,
    ...switches.map((name) => `--${name}`),
  ];
  const child: ChildProcess = spawn(program, words, { stdio: ['ignore', 'ignore', 'pipe', 'pipe', 'pipe'] });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    for (const line of text.split('\n')) if (line.trim() !== '' && !noise.test(line)) process.stderr.write(`${line}\n`);
  });
  const remove = (): void => rmSync(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
  const gone = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const connection = new Connection(child.stdio[4] as Readable, child.stdio[3] as Writable);
  return {
    connection,
    /** Resolves when it ended by itself. */
    gone,
    async stop(): Promise<void> {
      connection.browser.tell('Browser.close');
      const late = setTimeout(() => child.kill('SIGKILL'), 3000);
      await gone;
      clearTimeout(late);
      remove();
    },
    /** For the way out that cannot wait. */
    kill(): void {
      child.kill('SIGKILL');
      remove();
    },
  };
}
