/** Whether the core's processes run: what the banner says, and who wants to ask again when they are back. */
import type { EventOf } from '../../ipc/contract.ts';
import { listen } from '../lib/host.ts';

type Part = 'desk' | 'training';
type CoreState = EventOf<'core.state'> & { readonly part: Part };

const well = (part: Part): CoreState => ({ part, state: 'running', message: '', restarts: 0 });

class CoreWatch {
  /** Answers and scores. */
  desk = $state.raw<CoreState>(well('desk'));
  /** Trains; the window works on without it. */
  training = $state.raw<CoreState>(well('training'));
  /** What the banner is about; null while all is well. */
  readonly trouble = $derived([this.desk, this.training].find(({ state }) => state !== 'running') ?? null);
  readonly #whenBack = new Set<() => void>();

  start(): void {
    listen('core.state', (next) => {
      const part = next.part ?? 'desk';
      const wasAway = this[part].state !== 'running';
      this[part] = { ...next, part };
      if (wasAway && next.state === 'running') for (const callback of [...this.#whenBack]) callback();
    });
  }

  /** Calls when a part runs again after it was away. Returns the function that stops it. */
  onBack(callback: () => void): () => void {
    this.#whenBack.add(callback);
    return () => void this.#whenBack.delete(callback);
  }
}

export const core = new CoreWatch();
