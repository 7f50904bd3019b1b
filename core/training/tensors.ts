/** Variables to plain arrays and back, by their checkpoint names. */
import * as tf from '@tensorflow/tfjs';
import { CoreError } from '../errors.ts';
import { namedTensors } from '../nets/networks.ts';
import type { NamedVariables, Networks } from '../nets/types.ts';
import type { Tensors } from '../runs/safetensors.ts';

/** Copies of all values. */
export async function readVariables(variables: NamedVariables): Promise<Tensors> {
  const tensors: Record<string, { shape: readonly number[]; data: Float32Array }> = {};
  for (const [name, variable] of variables) {
    tensors[name] = { shape: [...variable.shape], data: Float32Array.from(await variable.data()) };
  }
  return tensors;
}

/** Assigns every variable. Throws `training/checkpoint` for missing or misshapen ones, and then changes nothing. */
export function assignVariables(variables: NamedVariables, tensors: Tensors): void {
  const found = [...variables].map(([name, variable]) => {
    const tensor = tensors[name];
    if (tensor?.shape.join() !== variable.shape.join()) {
      const got = tensor === undefined ? 'is missing' : `has shape [${tensor.shape.join(', ')}]`;
      throw new CoreError(
        'training/checkpoint',
        `The checkpoint's tensor ${name} ${got}, the network needs [${variable.shape.join(', ')}]. ` +
          'Use the checkpoint with the settings that it was made with.',
      );
    }
    return { variable, tensor };
  });
  for (const { variable, tensor } of found) {
    tf.tidy(() => variable.assign(tf.tensor(tensor.data, [...tensor.shape])));
  }
}

/** Runs `action` while the networks hold their averages among `saved`, if there are any; then puts the weights back, bit for bit. */
export async function withAverages<Result>(
  networks: Networks,
  saved: NamedVariables,
  action: () => Promise<Result>,
): Promise<Result> {
  const kept: [tf.Variable, tf.Tensor][] = [];
  for (const [name, variable] of namedTensors(networks)) {
    const average = saved.get(`average/${name}`);
    if (average === undefined) continue;
    kept.push([variable, tf.clone(variable)]);
    tf.tidy(() => variable.assign(tf.clone(average)));
  }
  try {
    return await action();
  } finally {
    for (const [variable, weights] of kept) {
      variable.assign(weights);
      weights.dispose();
    }
  }
}
