/**
 * Objectives as games: each player's loss is stated once, and the step takes its gradient with respect to that player's own weights
 * alone, all at the same weights. Forward passes that several losses share are traced several times and merged by the ONNX devices,
 * which see that they are equal; so a method states its equations and nothing else.
 */
import type * as tf from '@tensorflow/tfjs';
import { CoreError } from '../errors.ts';
import type { NetworkName, Networks } from '../nets/types.ts';
import { sampleGaussian } from './gaussian.ts';
import { gradientsOf } from './gradients.ts';
import type { Objective, ObjectiveOptions, StepInputs, StepResult } from './types.ts';

export type Players<Name extends NetworkName> = Required<Pick<Networks, Name>>;

/** The networks that an objective declares. Throws `objective/networks` when one was not created. */
export function playersOf<Name extends NetworkName>(networks: Networks, names: readonly Name[]): Players<Name> {
  const missing = names.filter((name) => networks[name] === undefined);
  if (missing.length > 0) {
    throw new CoreError(
      'objective/networks',
      `This objective needs ${names.join(', ')}. Create ${missing.join(', ')}.`,
    );
  }
  return networks as Networks & Players<Name>;
}

export interface Turn<Name extends NetworkName> {
  readonly players: Players<Name>;
  readonly inputs: StepInputs;
  readonly options: ObjectiveOptions;
}

/** What a game adds to an objective's declarations. Networks are called in the mode `frozen` throughout. */
export interface Game<Name extends NetworkName> extends Omit<Objective, 'networks' | 'losses' | 'step'> {
  readonly networks: readonly Name[];
  /** Each player's loss, computed only when it is asked for. */
  readonly losses: (turn: Turn<Name>) => Record<Name, () => tf.Scalar>;
  /** More scalars to log beside the losses. */
  readonly logs?: (turn: Turn<Name>) => Readonly<Record<string, tf.Scalar>>;
}

export function defineGame<Name extends NetworkName>(game: Game<Name>): Objective {
  const { losses, logs, ...declared } = game;
  const turnOf = (networks: Networks, inputs: StepInputs, options: ObjectiveOptions): Turn<Name> => ({
    players: playersOf(networks, game.networks),
    inputs,
    options,
  });
  return {
    ...declared,
    losses: (networks, inputs, options) => {
      const stated = Object.entries<() => tf.Scalar>(losses(turnOf(networks, inputs, options)));
      return Object.fromEntries(stated.map(([name, loss]) => [name, loss()]));
    },
    step: (networks, inputs, options, updated = game.networks) => {
      const turn = turnOf(networks, inputs, options);
      const gradients: Record<string, tf.Tensor> = {};
      const logged: Record<string, tf.Scalar> = {};
      for (const name of game.networks) {
        const { trainable } = playersOf(networks, [name])[name] as { trainable: ReadonlyMap<string, tf.Variable> };
        if (!updated.includes(name)) continue;
        const own = gradientsOf(() => {
          const loss = losses(turn)[name]();
          return { loss, rest: { loss } };
        }, trainable);
        Object.assign(gradients, own.gradients);
        logged[`loss${name.charAt(0).toUpperCase()}${name.slice(1)}`] = own.rest['loss'] as tf.Scalar;
      }
      const result: StepResult = { gradients, logs: { ...logged, ...logs?.(turn) } };
      advance(networks, inputs);
      return result;
    },
  };
}

/**
 * One pass of each network in the mode `train`, which advances running statistics and power iterations once a step: the critic on data,
 * the generator on the prior's z and, where an inference model can reconstruct, on its z as well (see `divergence-triangle.ts`).
 */
function advance({ generator, inference, energy, critic, statistics }: Networks, inputs: StepInputs): void {
  generator?.generate(inputs.prior, 'train');
  critic?.value(inputs.images, 'train');
  statistics?.value(inputs.images, inputs.prior, 'train');
  const posterior = inference?.infer(inputs.images, 'train');
  const z = posterior && sampleGaussian(posterior.mean, posterior.logVariance, inputs.noise);
  energy?.value(inputs.images, z ?? inputs.prior, 'train');
  if (z !== undefined) generator?.generate(z, 'train');
}
