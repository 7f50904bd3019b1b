/** provisional */
import type { AppEvent, Channel, Envelope } from '../../ipc/contract.ts';
import type { Picture } from './content.ts';

export interface Core {
  readonly call: (channel: Channel, request: unknown) => Promise<Envelope>;
  readonly picture: (path: string) => Promise<Picture>;
  /** Lets it end by itself: what it writes is finished. */
  readonly stop: () => Promise<void>;
}

export interface CoreOptions {
  readonly entry: string;
  readonly onEvent: (event: AppEvent) => void;
}

export function startCore({ onEvent }: CoreOptions): Core {
  void onEvent;
  return {
    call: () => Promise.resolve({ ok: false, code: 'host/no-core', message: 'There is no core yet.' }),
    picture: () => Promise.reject(new Error('no core')),
    stop: () => Promise.resolve(),
  };
}
