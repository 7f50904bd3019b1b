/** What the parts of the stand-in share: the browser once it runs, and the handlers that the app registered before that. */
import type { Connection } from './connection.ts';
import { createClone } from './clone.ts';

export type ProtocolHandler = (request: Request) => Response | Promise<Response>;
export type Answer = (event: object, ...values: unknown[]) => unknown;

export const clone = createClone({
  to: (bytes) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64'),
  from: (text) => new Uint8Array(Buffer.from(text, 'base64')),
});

export const runtime = {
  /** Null before Chromium runs: nothing with a window works before `ready`, as in Electron. */
  connection: null as Connection | null,
  protocols: new Map<string, ProtocolHandler>(),
  /** Texts that run in each window before its page: the page's own world, and around the preload. */
  pageScripts: { mainWorld: '', preloadWorld: '' },
  darkMode: false,
};

export function connection(): Connection {
  if (runtime.connection === null) throw new Error('Cannot be used before the app is ready.');
  return runtime.connection;
}
