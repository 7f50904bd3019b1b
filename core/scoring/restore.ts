/** Networks with the weights of a checkpoint: the moving average where the run keeps one. */
import { createHash } from 'node:crypto';
import * as tf from '@tensorflow/tfjs';
import { CoreError } from '../errors.ts';
import { createNetworks, disposeNetworks, namedTensors } from '../nets/networks.ts';
import type { NetworkName, Networks, NetSpec } from '../nets/types.ts';
import type { SavedTensor, Tensors } from '../runs/safetensors.ts';

/** Where the training room keeps the moving average of a variable. */
const averagePrefix = 'average/';

/** Weights of the networks alone, without the optimiser's moments, by variable name. */
export interface ChosenWeights {
  readonly weights: 'average' | 'last';
  readonly tensors: Tensors;
  /** sha256 over names and values, hex. */
  readonly fingerprint: string;
}

/** Picks the networks' weights out of a checkpoint. */
export function chooseWeights(tensors: Tensors, networks: readonly NetworkName[]): ChosenWeights {
  const prefix = Object.keys(tensors).some((name) => name.startsWith(averagePrefix)) ? averagePrefix : '';
  const chosen = Object.entries(tensors)
    .filter(([name]) => networks.some((network) => name.startsWith(`${prefix}${network}/`)))
    .map(([name, tensor]): [string, SavedTensor] => [name.slice(prefix.length), tensor])
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const hash = createHash('sha256');
  for (const [name, { data, shape }] of chosen) {
    hash.update(`${name}:${shape.join(',')};`);
    hash.update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }
  return {
    weights: prefix === '' ? 'last' : 'average',
    tensors: Object.fromEntries(chosen),
    fingerprint: hash.digest('hex'),
  };
}

/** Makes the networks on tfjs's current backend; the caller disposes them. Throws `scoring/weights` when a variable is missing or of another shape. */
export function restoreForScoring(spec: NetSpec, which: readonly NetworkName[], { tensors }: ChosenWeights): Networks {
  const networks = createNetworks(spec, which, 0);
  try {
    for (const [name, variable] of namedTensors(networks)) {
      const saved = tensors[name];
      if (saved === undefined || saved.shape.join(',') !== variable.shape.join(',')) {
        const found = saved === undefined ? 'is missing' : `has shape [${saved.shape.join(', ')}]`;
        const text = `The checkpoint does not fit the run's networks: ${name} ${found}, [${variable.shape.join(', ')}] is needed.`;
        throw new CoreError('scoring/weights', `${text} Use another checkpoint.`);
      }
      tf.tidy(() => variable.assign(tf.tensor(saved.data, variable.shape, variable.dtype as 'float32')));
    }
    return networks;
  } catch (error) {
    disposeNetworks(networks);
    throw error;
  }
}
