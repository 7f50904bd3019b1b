/** Makes the networks that an objective asks for, and lists their variables by name. */
import type * as tf from '@tensorflow/tfjs';
import { createCritic } from './critic.ts';
import { createEnergy, createStatistics } from './energy.ts';
import { createGenerator } from './generator.ts';
import { createInference } from './inference.ts';
import type { Network, NetworkName, Networks, NetSpec } from './types.ts';

export const NETWORK_NAMES: readonly NetworkName[] = ['generator', 'inference', 'energy', 'critic', 'statistics'];

/** The named networks with weights drawn from `seed`. Throws `nets/spec`. The caller disposes them with `disposeNetworks`. */
export function createNetworks(spec: NetSpec, which: readonly NetworkName[], seed: number): Networks {
  return {
    spec,
    ...(which.includes('generator') ? { generator: createGenerator(spec, seed) } : {}),
    ...(which.includes('inference') ? { inference: createInference(spec, seed) } : {}),
    ...(which.includes('energy') ? { energy: createEnergy(spec, seed) } : {}),
    ...(which.includes('critic') ? { critic: createCritic(spec, seed) } : {}),
    ...(which.includes('statistics') ? { statistics: createStatistics(spec, seed) } : {}),
  };
}

/** The networks that exist, in a fixed order. */
export function presentNetworks(networks: Networks): Network[] {
  return NETWORK_NAMES.map((name) => networks[name]).filter((network) => network !== undefined);
}

/** Every variable, trained or not, by its checkpoint name. */
export function namedTensors(networks: Networks): Map<string, tf.Variable> {
  return new Map(presentNetworks(networks).flatMap((network) => [...network.trainable, ...network.state]));
}

/** Number of trained weights of one network. */
export function countWeights(network: Network): number {
  return [...network.trainable.values()].reduce((sum, variable) => sum + variable.size, 0);
}

export function disposeNetworks(networks: Networks): void {
  for (const network of presentNetworks(networks)) network.dispose();
}
