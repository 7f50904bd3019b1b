/** Langevin dynamics on an energy whose steps can be worked out by hand; what a second derivative gives. */
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { createNetworks, disposeNetworks } from '../../../core/nets/networks.ts';
import type { Critic } from '../../../core/nets/types.ts';
import { gradientOfImages, langevin, langevinNoise } from '../../../core/objectives/langevin.ts';
import { resolveOptions } from '../../../core/objectives/options.ts';
import { findObjective } from '../../../core/objectives/registry.ts';
import { Random } from '../../../core/random.ts';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

/** f(x) = -|x|^2 / 2, so that its gradient is -x. */
const bowl: Critic = {
  name: 'critic',
  trainable: new Map(),
  state: new Map(),
  dispose: () => undefined,
  value: (images) => {
    const f = tf.mul<tf.Tensor1D>(tf.sum(tf.square(images), [1, 2, 3]), -0.5);
    return { f, features: tf.reshape<tf.Rank.R2>(f, [-1, 1]) };
  },
};

const options = (method: Record<string, number>) => resolveOptions(findObjective('coopnet'), { method });

describe('Langevin dynamics', () => {
  it('follows the gradient of f, adds its noise, and stays within the pixels', () => {
    const before = tf.memory().numTensors;
    tf.tidy(() => {
      const start = tf.tensor4d([0.8, -0.4], [2, 1, 1, 1]);
      const noise = tf.tensor([1, 0, 0, -30], [2, 2, 1, 1, 1]);
      const given = options({ langevinSteps: 2, langevinStep: 0.5, langevinNoise: 0.1 });
      // 0.8 -> 0.4 + 0.1 -> 0.25; -0.4 -> -0.2 -> -0.1 - 3, clipped.
      const found = [...langevin(bowl, start, noise, given).dataSync()];
      expect(found[0]).toBeCloseTo(0.25, 6);
      expect(found[1]).toBe(-1);
    });
    expect(tf.memory().numTensors).toBe(before);
  });

  it('asks for noise of every step', () => {
    const spec = { size: 8, channels: 3, width: 4, latent: 2 } as const;
    expect(langevinNoise(spec, 5, options({ langevinSteps: 4 }))).toEqual({
      kind: 'normal',
      shape: [4, 5, 8, 8, 3],
    });
  });
});

describe('gradient penalty', () => {
  it('has the derivative by the weights that differences give', () => {
    const spec = { size: 8, channels: 1, width: 3, latent: 2 } as const;
    const networks = createNetworks(spec, ['critic'], 1);
    const { critic } = networks;
    if (critic === undefined) throw new Error('no critic');
    tf.tidy(() => {
      const x = tf.tensor4d(Random.seeded(1).normals(3 * 64, 0.5), [3, 8, 8, 1]);
      const penalty = () => tf.sum<tf.Scalar>(tf.square(gradientOfImages(critic, x, 'frozen')));
      const kernel = critic.trainable.get('critic/image1/kernel') as tf.Variable;
      const { grads } = tf.variableGrads(penalty, [kernel]);
      const gradient = grads[kernel.name] as tf.Tensor;
      const direction = tf.div(gradient, tf.norm(gradient));
      const start = kernel.clone();
      const at = (distance: number): number => {
        kernel.assign(tf.add(start, tf.mul(direction, distance)));
        return penalty().dataSync()[0] ?? NaN;
      };
      const slope = (at(1e-2) - at(-1e-2)) / 2e-2;
      expect(slope / (tf.norm(gradient).dataSync()[0] ?? NaN)).toBeCloseTo(1, 1);
    });
    disposeNetworks(networks);
  });
});
