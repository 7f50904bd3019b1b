/** Whether a run is under way, from the events that pass by: closing the window must know at once, it cannot ask the core first. */
import type { AppEvent, TrainingStatus } from '../../ipc/contract.ts';

/** States in which closing the program would interrupt something. A paused run waits anyway. */
const busy: readonly TrainingStatus['state'][] = ['preparing', 'running', 'calibrating', 'stopping', 'queued'];

export interface TrainingWatch {
  onEvent(event: AppEvent): void;
  /** Replaces what is known, for the start and after the core was started again. */
  set(queue: readonly TrainingStatus[]): void;
  /** In the order of the queue. */
  active(): readonly TrainingStatus[];
  /** Resolves when `done` holds for what is known; false when it did not within so many milliseconds. */
  until(done: (active: readonly TrainingStatus[]) => boolean, milliseconds: number): Promise<boolean>;
  /** Share of steps of the run that trains, in [0, 1]; null when none does. */
  progress(): number | null;
}

export function createTrainingWatch(onChange: () => void): TrainingWatch {
  const runs = new Map<string, TrainingStatus>();
  const waiting = new Set<() => void>();

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
      }
    },
    set,
    active,
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
      return run === undefined ? null : Math.min(1, run.step / run.steps);
    },
  };
}
