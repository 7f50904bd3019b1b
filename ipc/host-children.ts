/** In Electron a core process cannot start Node by itself: the main process starts its short-lived processes. */
import { setChildRunner, type ChildEnd } from '../core/index.ts';
import type { ChildEnded, ChildWanted } from './child-messages.ts';

interface ParentPort {
  postMessage(message: unknown): void;
  on(event: 'message', listener: (event: { data: unknown }) => void): void;
}

export function useChildrenOfHost(port: ParentPort): void {
  const waiting = new Map<number, (end: ChildEnd) => void>();
  let lastId = 0;
  const listen = (): void => {
    port.on('message', ({ data }) => {
      const { type, id, end } = data as ChildEnded;
      // Everything else is for the router.
      if ((type as string) !== 'child-ended') return;
      waiting.get(id)?.(end);
      waiting.delete(id);
    });
  };
  setChildRunner(
    (task) =>
      new Promise((resolve) => {
        // Not earlier: messages wait for the first listener, which must be the router's.
        if (lastId === 0) listen();
        const wanted: ChildWanted = { type: 'child', id: ++lastId, task };
        waiting.set(wanted.id, resolve);
        port.postMessage(wanted);
      }),
  );
}
