/** Runs in the page's own world before its scripts: what the preload exposes, read-only as in Electron; `open` asks the app first. */
import { electronSync } from './sync.ts';
import { createWorld } from './worlds.ts';

declare const secret: string;
declare const window: { readonly top: object; open: (address?: string, ...more: unknown[]) => unknown };
declare const location: { readonly href: string };

function freeze(value: unknown): unknown {
  if (typeof value === 'object' && value !== null) {
    Object.freeze(value);
    for (const item of Object.values(value)) freeze(item);
  }
  return value;
}

if (window.top === window) {
  const { open } = window;
  window.open = (address = 'about:blank', ...more) =>
    electronSync('open', new URL(address, location.href).href) === 'deny' ? null : open.call(window, address, ...more);

  createWorld(`${secret}-main`, `${secret}-preload`, (name, api) => {
    Object.defineProperty(window, name, { value: freeze(api), enumerable: true, writable: false, configurable: false });
  });
}
