/** Which runs and experiments are under way, from the events that pass by: closing the window must know at once, it cannot ask the core first. */
import type { AppEvent, ExperimentCard, TrainingStatus } from '../../ipc/contract.ts';

const busyExperiments: readonly ExperimentCard['state'][] = ['active', 'queued'];

/** States in which closing the program would interrupt something. A paused run waits anyway. */
const busy: readonly TrainingStatus['state'][] = ['preparing', 'running', 'calibrating', 'stopping', 'queued'];

export interface TrainingWatch {
  onEvent(event: AppEvent): void;
  /** Replaces what is known, for the start and after the core was started again. */
  set(queue: readonly TrainingStatus[]): void;
  /** Likewise for experiments. */
  setExperiments(cards: readonly ExperimentCard[]): void;
  /** In the order of the queue. */
  active(): readonly TrainingStatus[];
  /** Those that are at work or wait for their turn, at work first. */
  experiments(): readonly ExperimentCard[];
  /** Resolves when `done` holds for what is known; false when it did not within so many milliseconds. */
  until(done: (active: readonly TrainingStatus[]) => boolean, milliseconds: number): Promise<boolean>;
  /** Share of steps of the run that trains, else of the trainings of the experiment at work, in [0, 1]; null when none is. */
  progress(): number | null;
}

export function createTrainingWatch(onChange: () => void): TrainingWatch {
  const runs = new Map<string, TrainingStatus>();
  const cards = new Map<string, ExperimentCard>();
  const waiting = new Set<() => void>();

  const experiments = (): ExperimentCard[] =>
    busyExperiments.flatMap((state) => [...cards.values()].filter((card) => card.state === state));
  const active = (): TrainingStatus[] => [...runs.values()].filter((run) => busy.includes(run.state));
  const changed = (): void => {
    onChange();
    for (const check of [...waiting]) check();
  };
  const set = (queue: readonly TrainingStatus[]): void => {
    runs.clear();
    for (const status of queue) runs.set(status.run, status);
    changed();
  };

  return {
    onEvent(event) {
      if (event.event === 'training.queue') set(event.payload.queue);
      else if (event.event === 'training.state') {
        runs.set(event.payload.run, event.payload);
        changed();
      } else if (event.event === 'training.metrics') {
        const { run, step } = event.payload;
        const known = runs.get(run);
        if (known !== undefined) runs.set(run, { ...known, step });
        onChange();
      } else if (event.event === 'experiments.state') {
        cards.set(event.payload.id, event.payload);
        changed();
      }
    },
    set,
    setExperiments(list) {
      cards.clear();
      for (const card of list) cards.set(card.id, card);
      changed();
    },
    active,
    experiments,
    until: (done, milliseconds) =>
      new Promise((resolve) => {
        const finish = (result: boolean): void => {
          clearTimeout(timer);
          waiting.delete(check);
          resolve(result);
        };
        const check = (): void => {
          if (done(active())) finish(true);
        };
        const timer = setTimeout(() => finish(false), milliseconds);
        waiting.add(check);
        check();
      }),
    progress() {
      const run = active().find(({ state, steps }) => state === 'running' && steps > 0);
      if (run !== undefined) return Math.min(1, run.step / run.steps);
      const cells = experiments().find(({ state }) => state === 'active')?.cells;
      return cells === undefined || cells.total === 0 ? null : Math.min(1, cells.done / cells.total);
    },
  };
}
