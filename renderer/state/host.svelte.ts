/** Whether the core runs: what the banner says, and who wants to ask again when it is back. */
import type { EventOf } from '../../ipc/contract.ts';
import { listen } from '../lib/host.ts';

type CoreState = EventOf<'core.state'>;

class CoreWatch {
  state = $state.raw<CoreState>({ state: 'running', message: '', restarts: 0 });
  readonly #whenBack = new Set<() => void>();

  start(): void {
    listen('core.state', (next) => {
      const wasAway = this.state.state !== 'running';
      this.state = next;
      if (wasAway && next.state === 'running') for (const callback of [...this.#whenBack]) callback();
    });
  }

  /** Calls when the core runs again after it was away. Returns the function that stops it. */
  onBack(callback: () => void): () => void {
    this.#whenBack.add(callback);
    return () => void this.#whenBack.delete(callback);
  }
}

export const core = new CoreWatch();
