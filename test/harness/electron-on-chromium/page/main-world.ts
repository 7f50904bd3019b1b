/** Runs in the page's own world before its scripts: what the preload exposes, read-only as in Electron; `open` asks the app first. */
import { openQuestion } from '../addresses.ts';
import { createWorld } from './worlds.ts';

declare const secret: string;
declare const window: { readonly top: object; open: (address?: string) => unknown };
declare class XMLHttpRequest {
  readonly responseText: string;
  open(method: string, address: string, later: boolean): void;
  send(): void;
}
declare const location: { readonly href: string };

function freeze(value: unknown): unknown {
  if (typeof value === 'object' && value !== null) {
    Object.freeze(value);
    for (const item of Object.values(value)) freeze(item);
  }
  return value;
}

if (window.top === window) {
  window.open = (address = 'about:blank') => {
    // Waits for the app's handler, as Electron does. A pause of the debugger would be ignored while a navigation is under way.
    const request = new XMLHttpRequest();
    request.open('GET', `${openQuestion}${encodeURIComponent(new URL(address, location.href).href)}`, false);
    request.send();
    if (request.responseText === 'deny') return null;
    throw new Error('The harness does not provide windows that a page opens.');
  };
  createWorld(`${secret}-main`, `${secret}-preload`, (name, api) => {
    Object.defineProperty(window, name, { value: freeze(api), enumerable: true, writable: false, configurable: false });
  });
}
