/** In Electron a core process cannot start Node by itself: the main process starts its processes. */
import { setChildRunner, setScorerStarter, type ChildEnd, type ScorerChild } from '../core/index.ts';
import type { ChildWanted, FromHost, ScorerWanted } from './child-messages.ts';

interface ParentPort {
  postMessage(message: unknown): void;
  on(event: 'message', listener: (event: { data: unknown }) => void): void;
}

type Told<K extends FromHost['type']> = (message: Extract<FromHost, { type: K }>) => void;

interface Scorer {
  message: Told<'scorer-told'>;
  ended: Told<'scorer-ended'>;
}

export function useChildrenOfHost(port: ParentPort): void {
  const waiting = new Map<number, (end: ChildEnd) => void>();
  const scorers = new Map<number, Scorer>();
  let lastId = 0;
  const listen = (): void => {
    port.on('message', ({ data }) => {
      const message = data as FromHost;
      switch (message.type) {
        case 'child-ended':
          waiting.get(message.id)?.(message.end);
          waiting.delete(message.id);
          break;
        case 'scorer-told':
          scorers.get(message.id)?.message(message);
          break;
        case 'scorer-ended':
          scorers.get(message.id)?.ended(message);
          scorers.delete(message.id);
          break;
        default:
        // Everything else is for the router.
      }
    });
  };
  const nextId = (): number => {
    // Not earlier: messages wait for the first listener, which must be the router's.
    if (lastId === 0) listen();
    return ++lastId;
  };
  setChildRunner(
    (task) =>
      new Promise((resolve) => {
        const wanted: ChildWanted = { type: 'child', id: nextId(), task };
        waiting.set(wanted.id, resolve);
        port.postMessage(wanted);
      }),
  );
  setScorerStarter((): ScorerChild => {
    const id = nextId();
    const scorer: Scorer = { message: () => undefined, ended: () => undefined };
    scorers.set(id, scorer);
    const ask = (wanted: ScorerWanted): void => port.postMessage(wanted);
    ask({ type: 'scorer', id, wish: 'start' });
    return {
      post: (message) => ask({ type: 'scorer', id, wish: 'post', message }),
      onMessage: (callback) => (scorer.message = ({ message }) => callback(message)),
      onExit: (callback) => (scorer.ended = ({ how }) => callback(how)),
      kill: () => ask({ type: 'scorer', id, wish: 'kill' }),
    };
  });
}
