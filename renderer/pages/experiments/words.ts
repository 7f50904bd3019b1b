/** Words of the experiments page. */
import type { ExperimentCard } from '../../../ipc/contract.ts';

export const stateWords = {
  queued: 'Waiting',
  active: 'At work',
  stopped: 'Stopped',
  finished: 'Finished',
  failed: 'Failed',
} as const satisfies Record<ExperimentCard['state'], string>;

export const stageWords: Readonly<Record<string, string>> = {
  preparing: 'Preparing images',
  training: 'Training',
  measuring: 'Measuring',
};

/** What each experiment asks, in a sentence that needs no paper. */
export const questions: Readonly<Record<string, string>> = {
  anomaly: 'Leave one digit out of training: how well does each score find it among the others?',
  ood: 'Train on one set of pictures: are pictures of quite another kind noticed?',
  generation: 'How close are generated pictures to real ones, as a distance between the two sets?',
  reconstruction: 'How closely are pictures drawn again that were never trained on?',
};
