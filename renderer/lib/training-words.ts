/** The states of a training run in words. */
import type { TrainingStatus } from '../../ipc/contract.ts';

export type TrainingState = TrainingStatus['state'];

const words = {
  queued: 'Waiting',
  preparing: 'Preparing pictures',
  running: 'Training',
  paused: 'Paused',
  calibrating: 'Calibrating',
  stopping: 'Stopping',
  stopped: 'Stopped',
  finished: 'Finished',
  failed: 'Failed',
} satisfies Record<TrainingState, string>;

export const stateWords = (state: TrainingState): string => words[state];

/** Whether it uses the machine now, or waits to go on doing so. */
export const isActive = (state: TrainingState): boolean =>
  state === 'preparing' || state === 'running' || state === 'paused' || state === 'calibrating' || state === 'stopping';

export const hasEnded = (state: TrainingState): boolean =>
  state === 'stopped' || state === 'finished' || state === 'failed';
