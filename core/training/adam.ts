/**
 * Adam (Kingma and Ba 2015) for several networks within one traced step: per-network rate and clipping, and a moving average of the
 * weights. All that changes from step to step is fed, so that a schedule never retraces: the bias corrections are folded into the
 * rate, as the source does just before its section 2.1, with epsilon added to the uncorrected root.
 */
import * as tf from '@tensorflow/tfjs';
import type { FeedSpec } from '../backends/types.ts';
import type { NamedVariables, Network } from '../nets/types.ts';
import type { LearningRates, TrainingSettings } from './types.ts';

export type OptimiserSettings = Pick<TrainingSettings, 'beta1' | 'beta2' | 'clip' | 'averaging'>;

/** TensorFlow's; ten times the source's, so that gradients that only rounding keeps from zero move no weight. */
const EPSILON = 1e-7;

export interface Optimiser {
  /** `adam/m/<weight>`, `adam/v/<weight>` and `average/<variable>`: saved with the weights. */
  readonly variables: NamedVariables;
  /** Scalars that must be fed: `rate/<network>` and, where an average is kept, `averageRate`. */
  readonly feeds: Readonly<Record<string, FeedSpec>>;
  /** Values of these scalars for update number `update` (from 1) at the given learning rates. */
  scalars(update: number, rates: LearningRates): Record<string, Float32Array>;
  /** Assigns all weights; returns `gradientNorm<Network>` before clipping. To be called inside the step. */
  apply(
    gradients: Readonly<Record<string, tf.Tensor>>,
    feeds: Readonly<Record<string, tf.Tensor>>,
  ): Record<string, tf.Scalar>;
  dispose(): void;
}

const scalar: FeedSpec = { shape: [], dtype: 'float32' };

/** Moments and averages start at zero; the first update sets the averages. */
export function createAdam(networks: readonly Network[], settings: OptimiserSettings): Optimiser {
  const variables = new Map<string, tf.Variable>();
  for (const network of networks) {
    for (const [name, weight] of network.trainable) {
      for (const moment of ['m', 'v']) {
        variables.set(
          `adam/${moment}/${name}`,
          tf.tidy(() => tf.variable(tf.zeros(weight.shape), false)),
        );
      }
    }
  }
  if (settings.averaging > 0) {
    for (const [name, variable] of averagedVariables(networks)) {
      variables.set(
        `average/${name}`,
        tf.tidy(() => tf.variable(tf.zeros(variable.shape), false)),
      );
    }
  }
  const rateNames = networks.map((network) => `rate/${network.name}`);
  const feedNames = settings.averaging > 0 ? [...rateNames, 'averageRate'] : rateNames;
  return {
    variables,
    feeds: Object.fromEntries(feedNames.map((name) => [name, scalar])),
    scalars: (update, rates) => scalarValues(networks, settings, update, rates),
    apply(gradients, feeds) {
      const norms = networks.map((network) => {
        const rate = feeds[`rate/${network.name}`] as tf.Scalar;
        const norm = updateNetwork(network, variables, gradients, rate, settings);
        return [`gradientNorm${network.name.charAt(0).toUpperCase()}${network.name.slice(1)}`, norm] as const;
      });
      if (settings.averaging > 0) updateAverages(networks, variables, feeds['averageRate'] as tf.Scalar);
      return Object.fromEntries(norms);
    },
    dispose() {
      for (const variable of variables.values()) variable.dispose();
    },
  };
}

/**
 * Weights and running statistics alike, so that the averaged network is normalised by what belongs to about the same steps. The
 * averaged power-iteration vectors are as good as any: their length does not matter.
 */
function averagedVariables(networks: readonly Network[]): [string, tf.Variable][] {
  return networks.flatMap((network) => [...network.trainable, ...network.state]);
}

function scalarValues(
  networks: readonly Network[],
  settings: OptimiserSettings,
  update: number,
  rates: LearningRates,
): Record<string, Float32Array> {
  const { beta1, beta2, averaging } = settings;
  const correction = Math.sqrt(1 - beta2 ** update) / (1 - beta1 ** update);
  const values = networks.map(
    ({ name }) => [`rate/${name}`, Float32Array.of((rates[name] ?? rates.energy) * correction)] as const,
  );
  // Nothing is kept of the zeros it starts from, and a young average forgets faster.
  const kept = Math.min(averaging, (update - 1) / (update + 9));
  return Object.fromEntries(averaging > 0 ? [...values, ['averageRate', Float32Array.of(1 - kept)]] : values);
}

/** Variables of at most so many values are updated together: each operation on a few numbers costs as much as on thousands. */
const SMALL = 8_192;

/** What is updated in one chain of operations: the tensors of one large variable, or those of all small ones in a row. */
interface Group {
  readonly names: readonly string[];
  /** The tensors of these names as one: itself for a single name. */
  join(of: (name: string) => tf.Tensor): tf.Tensor;
  /** Gives each variable its part of what `join` would make of them. */
  assign(joined: tf.Tensor, to: (name: string) => tf.Variable): void;
}

function groupsOf(variables: readonly (readonly [string, tf.Variable])[]): Group[] {
  const small = variables.filter(([, { size }]) => size <= SMALL);
  const together = small.length > 1 ? [rowOf(small)] : small.map(([name]) => alone(name));
  return [...together, ...variables.filter(([, { size }]) => size > SMALL).map(([name]) => alone(name))];
}

function alone(name: string): Group {
  return { names: [name], join: (of) => of(name), assign: (joined, to) => to(name).assign(joined) };
}

function rowOf(members: readonly (readonly [string, tf.Variable])[]): Group {
  const names = members.map(([name]) => name);
  const sizes = members.map(([, { size }]) => size);
  return {
    names,
    join: (of) => tf.concat1d(names.map((name) => tf.reshape<tf.Rank.R1>(of(name), [-1]))),
    assign(joined, to) {
      tf.split(joined, sizes).forEach((part, i) => {
        const variable = to(names[i] as string);
        variable.assign(tf.reshape(part, variable.shape));
      });
    },
  };
}

/** One update of a network's weights; the squares serve the norm and the second moment. Returns the norm before clipping. */
function updateNetwork(
  network: Network,
  variables: NamedVariables,
  gradients: Readonly<Record<string, tf.Tensor>>,
  rate: tf.Scalar,
  { beta1, beta2, clip }: OptimiserSettings,
): tf.Scalar {
  const variable = (name: string) => (variables.get(name) ?? network.trainable.get(name)) as tf.Variable;
  const groups = groupsOf([...network.trainable]).map((group) => {
    const gradient = group.join((name) => gradients[name] as tf.Tensor);
    return { group, gradient, square: tf.square(gradient) };
  });
  const norm = tf.sqrt<tf.Scalar>(tf.addN(groups.map(({ square }) => tf.sum(square))));
  const factor = clip === null ? null : tf.div(clip, tf.maximum(norm, clip)); // at most 1
  const first = factor === null ? 1 - beta1 : tf.mul(factor, 1 - beta1);
  const second = factor === null ? 1 - beta2 : tf.mul(tf.square(factor), 1 - beta2);
  for (const { group, gradient, square } of groups) {
    const m = tf.add(
      tf.mul(
        group.join((name) => variable(`adam/m/${name}`)),
        beta1,
      ),
      tf.mul(gradient, first),
    );
    const v = tf.add(
      tf.mul(
        group.join((name) => variable(`adam/v/${name}`)),
        beta2,
      ),
      tf.mul(square, second),
    );
    const change = tf.mul(rate, tf.div(m, tf.add(tf.sqrt(v), EPSILON)));
    const weights = tf.sub(group.join(variable), change);
    group.assign(m, (name) => variable(`adam/m/${name}`));
    group.assign(v, (name) => variable(`adam/v/${name}`));
    group.assign(weights, variable);
  }
  return norm;
}

function updateAverages(networks: readonly Network[], variables: NamedVariables, rate: tf.Scalar): void {
  const averaged = averagedVariables(networks);
  const sources = new Map(averaged);
  const average = (name: string) => variables.get(`average/${name}`) as tf.Variable;
  for (const group of groupsOf(averaged)) {
    const former = group.join(average);
    const now = group.join((name) => sources.get(name) as tf.Variable);
    group.assign(tf.add(former, tf.mul(tf.sub(now, former), rate)), average);
  }
}
