/** Operations, parameters and memory of a training step, counted from the shape of the networks. Estimates, not measurements. */
import type { NetSpec } from '../nets/types.ts';
import type { TrainingPlan } from './plan.ts';

interface Layer {
  /** Multiplications and additions for one picture, forward. */
  readonly operations: number;
  readonly parameters: number;
  /** Numbers that come out, for one picture. */
  readonly outputs: number;
}

/** The strided convolutions of one network, 4 x 4 filters, sides halved and channels doubled up to eight times the width. */
function pyramid({ size, channels, width, latent }: NetSpec): Layer[] {
  const layers: Layer[] = [];
  let [side, from, to] = [size, channels as number, width];
  while (side > 4) {
    side = Math.ceil(side / 2);
    const parameters = 16 * from * to;
    layers.push({ operations: 2 * parameters * side * side, parameters, outputs: side * side * to });
    [from, to] = [to, Math.min(8 * width, 2 * to)];
  }
  const dense = side * side * from * latent;
  layers.push({ operations: 2 * dense, parameters: dense, outputs: latent });
  return layers;
}

const sum = (layers: readonly Layer[], key: keyof Layer): number =>
  layers.reduce((total, layer) => total + layer[key], 0);

/** Of an objective's networks; they mirror one another. */
export function parameters({ nets, objective }: Pick<TrainingPlan, 'nets' | 'objective'>): number {
  return objective.networks.length * sum(pyramid(nets), 'parameters');
}

/** Passes forward and backward (three forward passes' worth) of networks: twice for what judges data and samples, once for others. */
function passesOf({ objective, options }: Pick<TrainingPlan, 'objective' | 'options'>): number {
  if (objective.passes !== undefined) return objective.passes(options);
  return objective.networks.length === 2 ? 2 : 6;
}

export function operationsOfStep(plan: Pick<TrainingPlan, 'nets' | 'training' | 'objective' | 'options'>): number {
  return 3 * passesOf(plan) * plan.training.batch * sum(pyramid(plan.nets), 'operations');
}

/** Resident memory of the process: the program, weights with moments and averages, activations of a step, decoded pictures. */
export function bytesOfTraining(plan: TrainingPlan): number {
  const program = 450e6;
  const weights = 4 * 6 * parameters(plan);
  const activations = 4 * 4 * passesOf(plan) * plan.training.batch * sum(pyramid(plan.nets), 'outputs');
  return program + weights + activations + 128e6;
}
