/** One training step as a pure function of feeds and variables: the objective's gradients, then the optimisers. No data, no files. */
import * as tf from '@tensorflow/tfjs';
import type { Feeds, FeedSpec, StepRequest } from '../backends/types.ts';
import { namedTensors, presentNetworks } from '../nets/networks.ts';
import type { NamedVariables, Network, NetworkName, Networks } from '../nets/types.ts';
import type { MemoryTensor, Objective, ObjectiveOptions, StepInputs } from '../objectives/types.ts';
import { Random } from '../random.ts';
import { createAdam, type Optimiser, type OptimiserSettings } from './adam.ts';
import { cycleOf } from './cycle.ts';
import { shapeOfFeed, type StepNoise } from './noise.ts';
import type { LearningRates } from './types.ts';

export interface StepSettings {
  readonly networks: Networks;
  readonly objective: Objective;
  readonly options: ObjectiveOptions;
  readonly optimiser: OptimiserSettings;
  readonly batch: number;
  /** Of what the objective's memory begins with. */
  readonly seed?: number;
}

export interface TrainingStep {
  /**
   * For `Device.compileStep`, one for each set of networks that a step may update. They return the objective's logs and
   * `gradientNorm<Network>`.
   */
  readonly phases: readonly StepRequest[];
  /** The first phase: the whole step of an objective that always updates all its networks. */
  readonly request: StepRequest;
  /** Index of the phase of update number `update` (from 1). */
  phaseOf(update: number): number;
  /** Weights, state, moments, averages and memory by checkpoint name: with the random states, all that a resume needs. */
  readonly saved: NamedVariables;
  /** The feeds of update number `update` (from 1); `images` is float32 NHWC in [-1, 1]. */
  feeds(images: Float32Array, noise: StepNoise, update: number, rates: LearningRates): Feeds;
  /** Disposes the optimisers' variables and the memory; the networks stay the caller's. */
  dispose(): void;
}

/** Makes the step of any objective; variables are created on tfjs's current backend. */
export function createTrainingStep(settings: StepSettings): TrainingStep {
  const { networks, objective, options, batch } = settings;
  const { size, channels, latent } = networks.spec;
  const cycle = cycleOf(objective, options);
  const optimisers = presentNetworks(networks).map((network) => createPlayer(network, settings));
  const memory = createMemory(settings);
  const random = objective.randomness?.(networks.spec, batch, options) ?? {};
  const saved = new Map([
    ...namedTensors(networks),
    ...optimisers.flatMap(({ adam }) => [...adam.variables]),
    ...[...memory].map(([name, variable]) => [`memory/${name}`, variable] as const),
  ]);
  const feeds: Record<string, FeedSpec> = {
    images: { shape: [batch, size, size, channels], dtype: 'float32' },
    prior: { shape: [batch, latent], dtype: 'float32' },
    noise: { shape: [batch, latent], dtype: 'float32' },
  };
  for (const [name, feed] of Object.entries(random)) {
    feeds[`random/${name}`] = { shape: shapeOfFeed(feed), dtype: feed.kind === 'draw' ? 'int32' : 'float32' };
  }
  const requestFor = (updated: readonly NetworkName[]): StepRequest => {
    const turns = optimisers.filter(({ network }) => updated.includes(network.name));
    return {
      feeds: merged([feeds, ...turns.map((player) => player.feeds)]),
      variables: [...saved.values()],
      step: (fed) => {
        const given: StepInputs = {
          images: fed['images'] as tf.Tensor4D,
          prior: fed['prior'] as tf.Tensor2D,
          noise: fed['noise'] as tf.Tensor2D,
          random: Object.fromEntries(Object.keys(random).map((name) => [name, fed[`random/${name}`] as tf.Tensor])),
          memory: Object.fromEntries(memory),
        };
        const inputs = { ...given, prepared: objective.prepare?.(networks, given, options) ?? {} };
        const { gradients, logs } = objective.step(networks, inputs, options, updated);
        // Before the weights change under what it may still read.
        const contents = objective.remember?.(inputs, options) ?? {};
        const norms = turns.map((player) => player.update(gradients, fed));
        for (const [name, tensor] of Object.entries(contents)) memory.get(name)?.assign(tensor);
        return merged<tf.Tensor>([logs, ...norms]);
      },
    };
  };
  const phases = cycle.phases.map(requestFor);
  return {
    phases,
    request: phases[0] as StepRequest,
    phaseOf: (step) => cycle.phaseOf(step),
    saved,
    feeds: (images, { prior, noise, more = {} }, step, rates) => {
      const updated = cycle.phases[cycle.phaseOf(step)] ?? [];
      const scalars = optimisers
        .filter(({ network }) => updated.includes(network.name))
        .map((player) => player.scalars(cycle.updatesOf(player.network.name, step), rates));
      const drawn = Object.fromEntries(Object.entries(more).map(([name, values]) => [`random/${name}`, values]));
      return { images, prior, noise, ...drawn, ...merged(scalars) };
    },
    dispose: () => {
      for (const { adam } of optimisers) adam.dispose();
      for (const variable of memory.values()) variable.dispose();
    },
  };
}

interface Player {
  readonly network: Network;
  readonly adam: Optimiser;
  readonly feeds: Readonly<Record<string, FeedSpec>>;
  /** `update` counts this network's own updates: Adam's bias corrections depend on it. */
  scalars(update: number, rates: LearningRates): Record<string, Float32Array>;
  update(
    gradients: Readonly<Record<string, tf.Tensor>>,
    fed: Readonly<Record<string, tf.Tensor>>,
  ): Record<string, tf.Tensor>;
}

/** A network with an optimiser of its own, whose feeds carry the network's name. */
function createPlayer(network: Network, { objective, options, optimiser }: StepSettings): Player {
  const adam = createAdam([network], optimiser);
  const prefix = `${network.name}:`;
  const prefixed = <Value>(values: Readonly<Record<string, Value>>): Record<string, Value> =>
    Object.fromEntries(Object.entries(values).map(([name, value]) => [prefix + name, value]));
  return {
    network,
    adam,
    feeds: prefixed(adam.feeds),
    scalars: (update, rates) => prefixed(adam.scalars(update, rates)),
    update(gradients, fed) {
      const own = Object.keys(adam.feeds).map((name) => [name, fed[prefix + name] as tf.Tensor] as const);
      const norms = adam.apply(gradients, Object.fromEntries(own));
      objective.constrain?.(network, options);
      return norms;
    },
  };
}

/** What the objective keeps from step to step, by its own names. */
function createMemory({ networks, objective, options, batch, seed = 0 }: StepSettings): Map<string, tf.Variable> {
  const wanted = objective.memory?.(networks.spec, batch, options) ?? {};
  const make = ([name, { shape }]: [string, MemoryTensor]) => {
    const random = Random.seeded(seed, `memory/${name}`);
    const count = shape.reduce((product, side) => product * side, 1);
    const values = Float32Array.from({ length: count }, () => 2 * random.uniform() - 1);
    return [name, tf.tidy(() => tf.variable(tf.tensor(values, [...shape]), false))] as const;
  };
  return new Map(Object.entries(wanted).map(make));
}

function merged<Value>(records: readonly Readonly<Record<string, Value>>[]): Record<string, Value> {
  return Object.fromEntries(records.flatMap((record) => Object.entries(record)));
}
