/** Runs in an isolated world before the page's scripts: what a sandboxed preload finds, then the preload itself. */
import { createClone } from '../clone.ts';
import { provided } from '../provided.ts';
import { createWorld } from './worlds.ts';

declare const secret: string;
declare const window: { readonly top: object };
declare const preload: (require: (name: string) => unknown, module: object, exports: object, process: object) => void;
declare const electronToMain: (text: string) => void;

type Listener = (event: object, ...values: unknown[]) => void;

const clone = createClone({
  to(bytes) {
    let text = '';
    for (let i = 0; i < bytes.length; i += 32_768) text += String.fromCharCode(...bytes.subarray(i, i + 32_768));
    return btoa(text);
  },
  from: (text) => Uint8Array.from(atob(text), (character) => character.charCodeAt(0)),
});

/** The page stops here until the harness has set `answer` and lets it go on: see `onPause` in api/web-contents.ts. */
function electronSync(subject: unknown): unknown {
  const answer: { value: unknown } = { value: undefined };
  // eslint-disable-next-line no-debugger -- the pause is how the harness is reached
  debugger;
  return [subject, answer.value][1];
}

const listeners = new Map<string, Set<Listener>>();
const waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
let lastId = 0;

const ipcRenderer = provided('ipcRenderer', {
  invoke: (channel: string, ...values: unknown[]) =>
    new Promise((resolve, reject) => {
      const id = ++lastId;
      const text = clone.encode({ kind: 'invoke', id, channel, values });
      waiting.set(id, { resolve, reject });
      electronToMain(text);
    }),
  send(channel: string, ...values: unknown[]): void {
    electronToMain(clone.encode({ kind: 'send', id: 0, channel, values }));
  },
  on(channel: string, listener: Listener) {
    listeners.set(channel, (listeners.get(channel) ?? new Set()).add(listener));
    return ipcRenderer;
  },
  off(channel: string, listener: Listener) {
    listeners.get(channel)?.delete(listener);
    return ipcRenderer;
  },
});

function receive(text: string): void {
  const message = clone.decode(text) as { kind: string; id: number; channel: string; values: unknown[]; error: string };
  if (message.kind === 'event') {
    const event = { sender: ipcRenderer, ports: [] };
    for (const listener of [...(listeners.get(message.channel) ?? [])]) listener(event, ...message.values);
    return;
  }
  const call = waiting.get(message.id);
  waiting.delete(message.id);
  if (message.kind === 'answer') call?.resolve(message.values[0]);
  else call?.reject(new Error(`Error invoking remote method '${message.channel}': ${message.error}`));
}

if (window.top === window) {
  Object.defineProperty(globalThis, 'electronFromMain', { value: receive });
  const world = createWorld(`${secret}-preload`, `${secret}-main`, () => undefined);
  const electron = provided('electron (in a sandboxed preload)', {
    ipcRenderer,
    contextBridge: provided('contextBridge', {
      exposeInMainWorld: (name: string, api: unknown): void => world.expose(name, api),
    }),
    webUtils: provided('webUtils', {
      getPathForFile(file: unknown): string {
        if (!(file instanceof File)) throw new TypeError('getPathForFile: not a File.');
        return electronSync(file) as string;
      },
    }),
  });
  const module = { exports: {} };
  const require = (name: string): unknown => {
    if (name === 'electron') return electron;
    throw new Error(`module not found: ${name}`);
  };
  preload(require, module, module.exports, { platform: 'linux', sandboxed: true, contextIsolated: true });
}
