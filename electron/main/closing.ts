/** Closing the window while runs or experiments are under way: asks, then goes on in the background, pauses, stops or just closes. */
import type { MessageBoxOptions } from 'electron';
import type { Channel, Envelope, ExperimentCard, TrainingStatus } from '../../ipc/contract.ts';
import type { TrainingWatch } from './training-watch.ts';

/** `close`: an experiment is saved when the program ends and goes on at its next start, so there is nothing to tell it. */
export type Choice = 'background' | 'pause' | 'stop' | 'close' | 'cancel';

export interface ClosingQuestion {
  readonly box: MessageBoxOptions;
  /** What each of the buttons means. */
  readonly choices: readonly Choice[];
}

/** How long the core may take to write a checkpoint before the program closes anyway; then the last one counts. */
const patienceMilliseconds = 30_000;

type Busy = Pick<TrainingWatch, 'active' | 'experiments'>;

/** Call it when something is under way. */
export function closingQuestion(busy: Busy): ClosingQuestion {
  const [runs, experiments] = [busy.active(), busy.experiments()];
  const [first] = experiments;
  return runs.length === 0 && first !== undefined ? aboutExperiments(first, experiments) : aboutRuns(runs, first);
}

function andMore(others: number): string {
  return others > 0 ? ` and ${others} more ${others === 1 ? 'waits' : 'wait'}` : '';
}

const box = { type: 'question', defaultId: 0, noLink: true } as const;

function aboutRuns(runs: readonly TrainingStatus[], experiment: ExperimentCard | undefined): ClosingQuestion {
  const also = experiment === undefined ? '' : ` The experiment “${experiment.title}” goes on at the next start.`;
  return {
    box: {
      ...box,
      title: 'Training is under way',
      message: `“${runs[0]?.name ?? 'A run'}” is training${andMore(runs.length - 1)}.`,
      detail:
        'In the background it goes on without a window, and the program closes when the last run has ended; start the program again to see it. ' +
        `Pause and stop save a checkpoint first: nothing that was learnt is lost.${also}`,
      buttons: ['Keep training in the background', 'Pause and close', 'Stop and close', 'Cancel'],
      cancelId: 3,
    },
    choices: ['background', 'pause', 'stop', 'cancel'],
  };
}

function aboutExperiments(first: ExperimentCard, experiments: readonly ExperimentCard[]): ClosingQuestion {
  const { done, total } = first.cells;
  const reached = total === 0 ? '' : ` ${done} of its ${total} trainings are done.`;
  return {
    box: {
      ...box,
      title: 'An experiment is under way',
      message: `The experiment “${first.title}” is under way${andMore(experiments.length - 1)}.`,
      detail:
        `In the background it goes on without a window, and the program closes when it is through.${reached} ` +
        'If you close, what it has reached is saved, and it goes on by itself at the next start.',
      buttons: ['Keep it going in the background', 'Save and close', 'Cancel'],
      cancelId: 2,
    },
    choices: ['background', 'close', 'cancel'],
  };
}

export interface Closing {
  /** For the window's `close`: true when it may close now. Otherwise the person is asked, and what follows happens by itself. */
  mayClose(): boolean;
  /** Whether the window was closed to let runs go on. */
  inBackground(): boolean;
  /** The window is wanted again. */
  show(): void;
  /** To be called when the watch has news: in the background the program ends with the last run or experiment. */
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
  const isBusy = (): boolean => watch.active().length > 0 || watch.experiments().length > 0;

  /** Runs that wait stay in the queue: the program closes before the next one gets far. */
  async function halt(channel: 'training.pause' | 'training.stop'): Promise<void> {
    const going = watch.active().filter(({ state }) => state !== 'queued');
    await Promise.all(going.map(({ run }) => call(channel, { run })));
    const ended = (active: readonly TrainingStatus[]): boolean =>
      going.every(({ run }) => !active.some((status) => status.run === run));
    await watch.until(ended, patienceMilliseconds);
  }

  async function decide(): Promise<void> {
    const { box, choices } = closingQuestion(watch);
    const choice = choices[await ask(box)] ?? 'cancel';
    if (choice === 'cancel') return;
    if (choice === 'background') {
      background = true;
      hide();
      trainingChanged();
      return;
    }
    if (choice !== 'close') await halt(choice === 'pause' ? 'training.pause' : 'training.stop');
    decided = true;
    quit();
  }

  function trainingChanged(): void {
    if (!background || decided || isBusy()) return;
    decided = true;
    quit();
  }

  return {
    mayClose() {
      if (decided || !isBusy()) return true;
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
