/** Closing the window while runs are under way: asks, then keeps training in the background, pauses or stops. */
import type { MessageBoxOptions } from 'electron';
import type { Channel, Envelope, TrainingStatus } from '../../ipc/contract.ts';
import type { TrainingWatch } from './training-watch.ts';

export const choices = ['background', 'pause', 'stop', 'cancel'] as const;
export type Choice = (typeof choices)[number];

/** How long the core may take to write a checkpoint before the program closes anyway; then the last one counts. */
const patienceMilliseconds = 30_000;

export function closingQuestion(active: readonly TrainingStatus[]): MessageBoxOptions {
  const [first] = active;
  const others = active.length - 1;
  const also = others > 0 ? ` and ${others} more ${others === 1 ? 'waits' : 'wait'}` : '';
  return {
    type: 'question',
    title: 'Training is under way',
    message: `“${first?.name ?? 'A run'}” is training${also}.`,
    detail:
      'In the background it goes on without a window, and the program closes when the last run has ended; start the program again to see it. ' +
      'Pause and stop save a checkpoint first: nothing that was learnt is lost.',
    buttons: ['Keep training in the background', 'Pause and close', 'Stop and close', 'Cancel'],
    defaultId: 0,
    cancelId: 3,
    noLink: true,
  };
}

export interface Closing {
  /** For the window's `close`: true when it may close now. Otherwise the person is asked, and what follows happens by itself. */
  mayClose(): boolean;
  /** Whether the window was closed to let runs go on. */
  inBackground(): boolean;
  /** The window is wanted again. */
  show(): void;
  /** To be called when the watch has news: in the background the program ends with the last run. */
  trainingChanged(): void;
}

export interface ClosingOptions {
  readonly watch: TrainingWatch;
  readonly ask: (question: MessageBoxOptions) => Promise<number>;
  readonly call: (channel: Channel, request: unknown) => Promise<Envelope>;
  readonly hide: () => void;
  readonly show: () => void;
  readonly quit: () => void;
}

export function createClosing({ watch, ask, call, hide, show, quit }: ClosingOptions): Closing {
  let asking = false;
  let decided = false;
  let background = false;

  /** Runs that wait stay in the queue: the program closes before the next one gets far. */
  async function halt(channel: 'training.pause' | 'training.stop'): Promise<void> {
    const going = watch.active().filter(({ state }) => state !== 'queued');
    await Promise.all(going.map(({ run }) => call(channel, { run })));
    const ended = (active: readonly TrainingStatus[]): boolean =>
      going.every(({ run }) => !active.some((status) => status.run === run));
    await watch.until(ended, patienceMilliseconds);
  }

  async function decide(): Promise<void> {
    const choice = choices[await ask(closingQuestion(watch.active()))] ?? 'cancel';
    if (choice === 'cancel') return;
    if (choice === 'background') {
      background = true;
      hide();
      trainingChanged();
      return;
    }
    await halt(choice === 'pause' ? 'training.pause' : 'training.stop');
    decided = true;
    quit();
  }

  function trainingChanged(): void {
    if (!background || decided || watch.active().length > 0) return;
    decided = true;
    quit();
  }

  return {
    mayClose() {
      if (decided || watch.active().length === 0) return true;
      if (!asking) {
        asking = true;
        void decide().finally(() => (asking = false));
      }
      return false;
    },
    inBackground: () => background,
    show() {
      background = false;
      show();
    },
    trainingChanged,
  };
}
