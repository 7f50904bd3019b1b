/** The one place that knows what the window runs in: Electron's preload (`window.triangle`), or a browser with `triangle serve`. */
import { desktopHost, type AppCommand, type Bridge } from '../../ipc/bridge.ts';
import type { Client } from '../../ipc/client.ts';
import type { Host } from '../../ipc/host.ts';
import { createBrowserHost } from './browser-host.ts';

declare global {
  interface Window {
    readonly triangle?: Bridge;
  }
}

const found: Host = window.triangle === undefined ? createBrowserHost(window.location) : desktopHost(window.triangle);

/** What the host can do for pages. A function that is null is not there: `PathPicker` then browses folders itself. */
export interface Capabilities {
  readonly chooseFolder: ((title: string) => Promise<string | null>) | null;
  readonly chooseFiles: ((title: string, kinds: 'pictures' | 'datasets') => Promise<string[] | null>) | null;
  readonly saveFile: ((title: string, suggestedName: string) => Promise<string | null>) | null;
  readonly reveal: ((path: string) => Promise<void>) | null;
}

const { dialogs } = found;

export const host = {
  kind: found.kind,
  client: found satisfies Client as Client,
  /** An address for `<img src>`; `size` asks for a thumbnail whose longer side has at most so many pixels. */
  imageUrl: (image: string, size?: number): string => found.imageUrl(image, size),
  pathsOf: (files: readonly File[]): Promise<string[]> => found.pathsOf(files),
  /** What the native menu asks for; nothing in a browser. */
  onCommand: (listener: (command: AppCommand) => void): (() => void) =>
    found.onCommand?.(listener) ?? (() => undefined),
  capabilities: {
    chooseFolder: dialogs === null ? null : (title) => dialogs.chooseFolder(title),
    chooseFiles: dialogs === null ? null : (title, kinds) => dialogs.chooseFiles(title, kinds),
    saveFile: dialogs === null ? null : (title, name) => dialogs.saveFile(title, name),
    reveal: found.reveal,
  } satisfies Capabilities as Capabilities,
};

/** Short for `host.client.call`. */
export const call: Client['call'] = (channel, request) => found.call(channel, request);
/** Short for `host.client.on`. */
export const listen: Client['on'] = (event, listener) => found.on(event, listener);
