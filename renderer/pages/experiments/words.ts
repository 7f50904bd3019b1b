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

/** What data each wants, in the window's words; the core's own are the command line's. */
export const needs: Readonly<Record<string, string>> = {
  anomaly: 'MNIST, or any dataset with labels, such as the built-in digits.',
  ood: 'CIFAR-10 or other pictures to train on, and other sets to compare with.',
  generation: 'One or more of the datasets that the paper uses.',
  reconstruction: 'One or more of the datasets that the paper uses.',
  compare: 'Any dataset; where a label is held out, the scores are measured too.',
};

/** What each experiment asks, in a sentence that needs no paper. */
export const questions: Readonly<Record<string, string>> = {
  anomaly: 'Leave one digit out of training: how well does each score find it among the others?',
  ood: 'Train on one set of pictures: are pictures of quite another kind noticed?',
  compare: 'Other methods on the same pictures: which learns them best, and at what cost?',
  generation: 'How close are generated pictures to real ones, as a distance between the two sets?',
  reconstruction: 'How closely are pictures drawn again that were never trained on?',
};
