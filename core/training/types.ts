/** What the training room is asked for and what it tells. Plain data: hosts of any kind can send and show it. */
import type { Augmentation } from '../datasets/types.ts';
import type { NetSpec, NetworkName } from '../nets/types.ts';
import type { Objective, ObjectiveOptions } from '../objectives/types.ts';

export type LearningRates = Readonly<Record<'generator' | 'inference' | 'energy', number>> &
  Readonly<Partial<Record<NetworkName, number>>>;

/** Hyper-parameters of the loop; kept in the run's manifest under the same names. */
export interface TrainingSettings {
  readonly batch: number;
  /** Optimiser steps that the run has when it is finished. */
  readonly steps: number;
  /** Networks without a rate of their own learn at the energy's. */
  readonly learningRates: LearningRates;
  /** Factor of all learning rates after each epoch. */
  readonly decay: number;
  readonly beta1: number;
  readonly beta2: number;
  /** Largest Euclidean norm of a network's gradient; null: not clipped. */
  readonly clip: number | null;
  /** Decay of the weights' moving average at each step; 0: none is kept. */
  readonly averaging: number;
  readonly seed: number;
  readonly augmentation: Augmentation;
}

/** What is written beside the weights, and when. */
export interface TrainingOutput {
  /** A checkpoint after so many steps since the last; 0: never for this reason. */
  readonly checkpointSteps: number;
  /** A checkpoint after so many seconds since the last; 0: never for this reason. */
  readonly checkpointSeconds: number;
  /** Newest checkpoints that are kept, beside the best. */
  readonly keepCheckpoints: number;
  /** Sample and reconstruction grids every so many steps; 0: none. */
  readonly sampleSteps: number;
  /** Pictures in a grid of samples. */
  readonly sampleCount: number;
  /** Validation every so many steps; 0: none. */
  readonly validationSteps: number;
  /** Name of the validation metric, higher is better, by which the best checkpoint is kept. */
  readonly bestBy: string;
}

/** Saves every minute, shows every 500 steps; no validation. */
export const defaultOutput: TrainingOutput = {
  checkpointSteps: 0,
  checkpointSeconds: 60,
  keepCheckpoints: 3,
  sampleSteps: 500,
  sampleCount: 64,
  validationSteps: 0,
  bestBy: 'image_AUPR',
};

export interface TrainRequest {
  readonly nets: NetSpec;
  readonly objective: Objective;
  readonly options: ObjectiveOptions;
  readonly training: TrainingSettings;
  readonly output: TrainingOutput;
  /** Go on from the newest whole checkpoint; where there is none, from the start. */
  readonly resume: boolean;
}

/** Scalars of one step: the objective's logs, the networks' gradient norms, epoch and images per second. */
export type StepMetrics = Readonly<Record<string, number>> & { readonly step: number };

export type TrainEvent =
  | { readonly kind: 'started'; readonly step: number; readonly steps: number; readonly stepsPerEpoch: number }
  | {
      readonly kind: 'step';
      readonly step: number;
      readonly steps: number;
      readonly metrics: StepMetrics;
      /** Estimated from the speed so far. */
      readonly secondsLeft: number;
    }
  | {
      readonly kind: 'samples';
      readonly step: number;
      readonly content: 'samples' | 'reconstructions';
      readonly file: string;
    }
  | {
      readonly kind: 'validated';
      readonly step: number;
      readonly metrics: Readonly<Record<string, number>>;
      readonly best: boolean;
    }
  | { readonly kind: 'checkpoint'; readonly step: number }
  /** Something is wrong with what is learnt, though the run goes on: samples that are all alike. */
  | { readonly kind: 'warning'; readonly step: number; readonly message: string }
  | { readonly kind: 'paused' | 'resumed' | 'stopped' | 'finished'; readonly step: number }
  | { readonly kind: 'failed'; readonly step: number; readonly code: string; readonly message: string };

export interface TrainResult {
  /** `stopped`: asked to before the last step; resuming goes on from there. */
  readonly state: 'finished' | 'stopped';
  readonly step: number;
  readonly seconds: number;
  /** Of the last step; null when none was made. */
  readonly metrics: StepMetrics | null;
}

/** Pictures in rows for one PNG: uint8, one after the other, `height * width * channels` each. */
export interface PictureGrid {
  readonly pixels: Uint8Array;
  readonly count: number;
  readonly columns: number;
  readonly height: number;
  readonly width: number;
  readonly channels: 1 | 3;
}
