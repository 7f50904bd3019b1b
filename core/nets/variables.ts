/** Makes and names the variables of one network. Each variable has its own random stream, so that order does not matter. */
import * as tf from '@tensorflow/tfjs';
import { Random } from '../random.ts';
import type { NetworkName } from './types.ts';

/**
 * How a variable starts. `normal`: N(0, 0.02), the paper's (section 5) and DCGAN's: right where a normalisation follows, because
 * small weights then move by a large part of themselves at each step of Adam. `he`: N(0, 2 / fanIn) for layers that nothing
 * normalises, where 0.02 would let the signal fade.
 */
export type Initial = 'normal' | 'he' | 'zeros' | 'ones' | 'unit';

export interface VariableStore {
  readonly trainable: ReadonlyMap<string, tf.Variable>;
  readonly state: ReadonlyMap<string, tf.Variable>;
  /** A trained variable named `<network>/<name>`; `fanIn` is needed for `he` alone. */
  weight<R extends tf.Rank>(name: string, shape: tf.ShapeMap[R], initial: Initial, fanIn?: number): tf.Variable<R>;
  /** A saved but untrained variable named `<network>/<name>`. */
  memory<R extends tf.Rank>(name: string, shape: tf.ShapeMap[R], initial: Initial): tf.Variable<R>;
  dispose(): void;
}

/** Standard deviation of the paper's initial weights. */
const PAPER_DEVIATION = 0.02;

function initialValues(random: Random, size: number, initial: Initial, fanIn: number): Float32Array {
  switch (initial) {
    case 'normal':
      return random.normals(size, PAPER_DEVIATION);
    case 'he':
      return random.normals(size, Math.sqrt(2 / fanIn));
    case 'zeros':
      return new Float32Array(size);
    case 'ones':
      return new Float32Array(size).fill(1);
    case 'unit': {
      const values = random.normals(size);
      const norm = Math.hypot(...values);
      return values.map((value) => value / norm);
    }
  }
}

/** An empty store; the same seed always gives the same values for the same name. */
export function createVariableStore(network: NetworkName, seed: number): VariableStore {
  const trainable = new Map<string, tf.Variable>();
  const state = new Map<string, tf.Variable>();
  const make = <R extends tf.Rank>(
    target: Map<string, tf.Variable>,
    name: string,
    shape: tf.ShapeMap[R],
    initial: Initial,
    fanIn = 1,
  ): tf.Variable<R> => {
    const key = `${network}/${name}`;
    const size = shape.reduce((product: number, side: number) => product * side, 1);
    const values = initialValues(Random.seeded(seed, key), size, initial, fanIn);
    const variable = tf.tidy(() => tf.variable(tf.tensor<R>(values, shape), target === trainable));
    target.set(key, variable);
    return variable;
  };
  return {
    trainable,
    state,
    weight: (name, shape, initial, fanIn) => make(trainable, name, shape, initial, fanIn),
    memory: (name, shape, initial) => make(state, name, shape, initial),
    dispose() {
      for (const variable of [...trainable.values(), ...state.values()]) variable.dispose();
    },
  };
}
