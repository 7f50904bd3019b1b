/** Runs in the page's own world before its scripts: puts what the preload exposes on `window`, read-only as Electron does. */
import { createWorld } from './worlds.ts';

declare const secret: string;
declare const window: { readonly top: object };

function freeze(value: unknown): unknown {
  if (typeof value === 'object' && value !== null) {
    Object.freeze(value);
    for (const item of Object.values(value)) freeze(item);
  }
  return value;
}

if (window.top === window) {
  createWorld(`${secret}-main`, `${secret}-preload`, (name, api) => {
    Object.defineProperty(window, name, { value: freeze(api), enumerable: true, writable: false, configurable: false });
  });
}
