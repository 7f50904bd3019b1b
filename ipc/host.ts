/**
 * What every window finds, whatever hosts it: calls and events, and the few things only a host can do. In Electron the preload exposes a
 * Bridge as `window.triangle` and `desktopHost(window.triangle)` of `bridge.ts` makes a Host of it; in a browser
 * `renderer/lib/host.ts` makes one over a WebSocket. Types only.
 */
import type { AppCommand } from './bridge.ts';
import type { Client } from './client.ts';

export interface Host extends Client {
  readonly kind: 'desktop' | 'browser';
  /** Turns an ImageRef into something that `<img src>` takes. */
  imageUrl(image: string, size?: number): string;
  /** Absolute paths of dropped or picked files and folders; in a browser they are uploaded first (paths of the copies). */
  pathsOf(files: readonly File[]): Promise<string[]>;
  /** Null where the host has no dialogs: show a path field and `app.listFolder` instead. */
  readonly dialogs: Dialogs | null;
  /** Shows a file or folder in the system's file manager; null where there is none. */
  readonly reveal: ((path: string) => Promise<void>) | null;
  /** What the native menu asks for; absent where there is none. Returns the function that stops listening. */
  readonly onCommand?: (listener: (command: AppCommand) => void) => () => void;
}

export interface Dialogs {
  /** Null: cancelled. */
  chooseFolder(title: string): Promise<string | null>;
  chooseFiles(title: string, kinds: 'pictures' | 'datasets'): Promise<string[] | null>;
  /** A name for a new file; the ending decides the filter. */
  saveFile(title: string, suggestedName: string): Promise<string | null>;
}
