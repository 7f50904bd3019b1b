/** Events that a listener may prevent, as Electron's own. */
import type { EventEmitter } from 'node:events';

/** Returns whether a listener called `preventDefault`. The event is the listener's first value, `values` follow. */
export function emitPreventable(emitter: EventEmitter, name: string, fields: object, ...values: unknown[]): boolean {
  const state = { prevented: false };
  const event = {
    ...fields,
    get defaultPrevented(): boolean {
      return state.prevented;
    },
    preventDefault: (): void => void (state.prevented = true),
  };
  emitter.emit(name, event, ...values);
  return state.prevented;
}
