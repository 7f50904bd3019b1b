/**
 * What Electron's preload puts at `window.triangle`, and how a renderer makes a {@link Host} of it. Values are copied on their way
 * through the context bridge and thrown errors would lose their code, so calls answer envelopes; `desktopHost` turns them into
 * {@link CallError}s on the window's side.
 */
import { CallError } from './client.ts';
import type { AppEvent, Channel, Envelope, EventName, EventOf } from './contract.ts';
import type { Host } from './host.ts';

/** What the native menu, or a second start of the program, asks of the window. */
export type AppCommand =
  | { readonly command: 'open-dataset'; readonly path: string }
  | { readonly command: 'open-run'; readonly run: string }
  | {
      readonly command: 'go';
      readonly page: 'datasets' | 'train' | 'runs' | 'score' | 'gallery' | 'experiments' | 'settings';
    };

/** Named functions only; each listener function returns the one that stops it. */
export interface Bridge {
  call(channel: Channel, request: unknown): Promise<Envelope>;
  onEvent(listener: (event: AppEvent) => void): () => void;
  onCommand(listener: (command: AppCommand) => void): () => void;
  /** Absolute path of a dropped or picked file or folder; empty for a file that was made in the page. */
  pathOf(file: File): string;
  chooseFolder(title: string): Promise<string | null>;
  chooseFiles(title: string, kinds: 'pictures' | 'datasets'): Promise<string[] | null>;
  saveFile(title: string, suggestedName: string): Promise<string | null>;
  reveal(path: string): Promise<void>;
  /** Opens a page of the program's own list (https only) in the system's browser; false: it is not on the list. */
  openLink(url: string): Promise<boolean>;
}

/** Paths only, no scheme: the page's own origin is `app://bundle`, and the picture's path is below it. */
function imageUrl(image: string, size?: number): string {
  if (size === undefined) return image;
  return `${image}${image.includes('?') ? '&' : '?'}size=${size}`;
}

export function desktopHost(bridge: Bridge): Host {
  const listeners = new Map<EventName, Set<(payload: never) => void>>();
  bridge.onEvent((event) => {
    for (const listener of [...(listeners.get(event.event) ?? [])]) listener(event.payload as never);
  });
  return {
    kind: 'desktop',
    async call(channel, request) {
      const envelope = await bridge.call(channel, request);
      if (!envelope.ok) throw new CallError(envelope.code, envelope.message);
      return envelope.value as never;
    },
    on<E extends EventName>(event: E, listener: (payload: EventOf<E>) => void) {
      const of = listeners.get(event) ?? new Set();
      listeners.set(event, of);
      of.add(listener);
      return () => void of.delete(listener);
    },
    onCommand: (listener) => bridge.onCommand(listener),
    imageUrl,
    pathsOf: (files) => Promise.resolve(files.map((file) => bridge.pathOf(file)).filter((path) => path !== '')),
    dialogs: {
      chooseFolder: (title) => bridge.chooseFolder(title),
      chooseFiles: (title, kinds) => bridge.chooseFiles(title, kinds),
      saveFile: (title, suggestedName) => bridge.saveFile(title, suggestedName),
    },
    reveal: (path) => bridge.reveal(path),
  };
}
