/**
 * A case small enough for paper and pencil, for the signs. One pixel, one latent unit, two images; generator g(z) = g z, inference
 * mean(x) = m x with log-variance l, energy f(x, z) = a x + b z.
 *
 * x = (1, 3), prior z = (2, -1), noise (1, -1), g = 1/2, m = 2, l = 0, a = 3, b = -1, sigma = 1, w = 1/4. Then
 *   z̃ = m x + exp(l / 2) noise = (3, 5); g(z̃) = (3/2, 5/2); x̃ = g(z) = (1, -1/2)
 *   f(x, z̃) = (0, 4), mean 2; f(x̃, z) = (1, -1/2), mean 1/4
 *   reconstruction = mean of |x - g(z̃)|^2 / 2 = (1/8 + 1/8) / 2 = 1/8
 */
import * as tf from '@tensorflow/tfjs';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { NetworkName, Networks } from '../../../core/nets/types.ts';
import { resolveOptions } from '../../../core/objectives/options.ts';
import { findObjective } from '../../../core/objectives/registry.ts';
import type { ObjectiveOptions, StepInputs } from '../../../core/objectives/types.ts';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

const variables: tf.Variable[] = [];
afterEach(() => tf.dispose(variables.splice(0)));

function scalar(value: number): tf.Variable {
  const variable = tf.tidy(() => tf.variable(tf.scalar(value)));
  variables.push(variable);
  return variable;
}

function pencilNetworks(): Networks {
  const [g, m, l, a, b] = [scalar(0.5), scalar(2), scalar(0), scalar(3), scalar(-1)];
  const network = <Name extends NetworkName>(name: Name, weights: Record<string, tf.Variable>) => ({
    name,
    trainable: new Map(Object.entries(weights)),
    state: new Map<string, tf.Variable>(),
    dispose: () => undefined,
  });
  const column = (images: tf.Tensor4D): tf.Tensor2D => tf.reshape(images, [-1, 1]);
  const encodeImages = (images: tf.Tensor4D): tf.Tensor2D => tf.mul(column(images), a);
  const encodeLatents = (z: tf.Tensor2D): tf.Tensor2D => tf.mul(z, b);
  const join = (images: tf.Tensor2D, latents: tf.Tensor2D) => {
    const features = tf.add<tf.Tensor2D>(images, latents);
    return { f: tf.reshape<tf.Rank.R1>(features, [-1]), features };
  };
  return {
    spec: { size: 1, channels: 1, width: 1, latent: 1 },
    generator: { ...network('generator', { g }), generate: (z) => tf.reshape(tf.mul(z, g), [-1, 1, 1, 1]) },
    inference: {
      ...network('inference', { m, l }),
      infer: (images) => {
        const x = column(images);
        return { mean: tf.mul(x, m), logVariance: tf.mul(tf.onesLike(x), l) };
      },
    },
    energy: {
      ...network('energy', { a, b }),
      encodeImages,
      encodeLatents,
      join,
      joinAll: (images, latents) => tf.add(images, tf.transpose(latents)),
      likeness: (images) => images,
      value: (images, z) => join(encodeImages(images), encodeLatents(z)),
    },
  };
}

function pencilInputs(): StepInputs {
  return {
    images: tf.tensor4d([1, 3], [2, 1, 1, 1]),
    prior: tf.tensor2d([2, -1], [2, 1]),
    noise: tf.tensor2d([1, -1], [2, 1]),
  };
}

function solve(name: string, given: Partial<ObjectiveOptions>) {
  const objective = findObjective(name);
  const networks = pencilNetworks();
  const options = resolveOptions(objective, { adversarialWeight: 0.25, ...given });
  const values: Record<string, number> = {};
  const before = tf.memory().numTensors;
  tf.tidy(() => {
    const inputs = pencilInputs();
    const { gradients, logs } = objective.step(networks, inputs, options);
    const losses = objective.losses(networks, inputs, options);
    for (const [key, tensor] of Object.entries({ ...gradients, ...logs, ...losses })) {
      values[key] = tensor.dataSync()[0] ?? NaN;
    }
  });
  expect(tf.memory().numTensors).toBe(before);
  return values;
}

function expectValues(found: Readonly<Record<string, number>>, expected: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(expected)) expect(found[name], name).toBeCloseTo(value, 4);
}

/** Closed-form KL(q|p): mean of (mean^2 + 1 - 0 - 1) / 2 with means (2, 6). */
const KL = (4 + 36) / 2 / 2;
const LOG_TWO_PI = Math.log(2 * Math.PI);
/** -log p(z̃): mean of (9, 25) / 2 and the constant. */
const PRIOR = (9 + 25) / 4 + LOG_TWO_PI / 2;
/** log q(z̃|x): noise squared is 1. */
const LOG_Q = -(1 + LOG_TWO_PI) / 2;

describe('joint', () => {
  it('logs energies -f and their gap', () => {
    expectValues(solve('joint', {}), {
      energyData: -2,
      energySamples: -0.25,
      gap: 1.75,
      reconstruction: 1 / 8,
      kl: KL,
    });
  });

  it('energy descends -f on data and +f on samples (Eq. 12)', () => {
    // dL/da = -mean x + mean x̃ = -2 + 1/4; dL/db = -mean z̃ + mean z = -4 + 1/2.
    expectValues(solve('joint', {}), { energy: -1.75, a: -1.75, b: -3.5 });
  });

  it('generator ascends f of its samples (Eq. 21)', () => {
    // d reconstruction/dg = mean of (g z̃ - x) z̃ = mean (1/2 * 3, -1/2 * 5) = -1/2; d f(x̃)/dg = a mean z = 3/2.
    expectValues(solve('joint', {}), { generator: 1 / 8 - 0.25 * 0.25, g: -0.5 - 0.25 * 1.5 });
  });

  it('inference descends f of the data (Eq. 20), with the whole KL', () => {
    // Along m, dz̃ = x: reconstruction mean of (g z̃ - x) g x = mean (1/4, -3/4) = -1/4; KL mean of m x^2 = 10; f: b mean x = -2.
    // Along l, dz̃ = noise / 2: reconstruction mean (1/2 * 1/4, -1/2 * -1/4) = 1/8; KL (exp(l) - 1) / 2 = 0; f: b mean = 0.
    expectValues(solve('joint', {}), {
      inference: 1 / 8 + KL + 0.25 * 2,
      m: -0.25 + 10 + 0.25 * -2,
      l: 1 / 8,
    });
  });

  it('exact: log q cancels at w = 1 (Eq. 16)', () => {
    // -log p along m: mean of z̃ x = (3 + 15) / 2 = 9; along l: mean of z̃ noise / 2 = (3 - 5) / 4 = -1/2.
    expectValues(solve('joint', { entropy: 'exact', adversarialWeight: 1 }), {
      inference: 1 / 8 + PRIOR + 2,
      m: -0.25 + 9 - 2,
      l: 1 / 8 - 0.5,
    });
  });

  it('mismatched pairs join the negatives, and their positive counterpart with them', () => {
    // f(x, other z̃) = (3 - 5, 9 - 3), mean 2: L = -2 * 2 + 1/4 + 2. dL/da = -2 * 2 + 1/4 + 2; dL/db = -2 * 4 + 1/2 + 4.
    const found = solve('joint', { mismatch: 1 });
    expectValues(found, { energy: -1.75, a: -1.75, b: -3.5 });
    // The other players do not see them.
    expectValues(found, { g: -0.875, m: 9.25, l: 1 / 8 });
  });

  it('logistic: only the energy sees the sigmoid', () => {
    const sigmoid = (f: number) => 1 / (1 + Math.exp(-f));
    const softplus = (f: number) => Math.log1p(Math.exp(f));
    const found = solve('joint', { energyLoss: 'logistic' });
    expectValues(found, {
      energy: (softplus(0) + softplus(-4) + softplus(1) + softplus(-0.5)) / 2,
      a: (-sigmoid(0) * 1 - sigmoid(-4) * 3 + sigmoid(1) * 1 + sigmoid(-0.5) * -0.5) / 2,
      b: (-sigmoid(0) * 3 - sigmoid(-4) * 5 + sigmoid(1) * 2 + sigmoid(-0.5) * -1) / 2,
    });
    expectValues(found, { generator: 1 / 8 - 1 / 16, g: -0.875, m: 9.25, l: 1 / 8 });
  });
});

describe('joint-plus', () => {
  it('inference ascends f of the data, and log q counts twice at w = 1 (Eq. 17)', () => {
    // 2 log q along l: -1.
    expectValues(solve('joint-plus', { entropy: 'exact', adversarialWeight: 1 }), {
      inference: 1 / 8 + 2 * LOG_Q + PRIOR - 2,
      m: -0.25 + 9 + 2,
      l: 1 / 8 - 0.5 - 1,
    });
  });

  it('in closed form the entropy of the second divergence stays, weighted', () => {
    // -w entropy along l: -w / 2.
    expectValues(solve('joint-plus', {}), {
      inference: 1 / 8 + KL + 0.25 * LOG_Q - 0.25 * 2,
      m: -0.25 + 10 + 0.25 * 2,
      l: 1 / 8 - 0.125,
    });
  });

  it('leaves energy and generator as they are in joint', () => {
    expectValues(solve('joint-plus', {}), { energy: -1.75, a: -1.75, b: -3.5, generator: 1 / 16, g: -0.875 });
  });
});

describe('vae', () => {
  it('is reconstruction plus KL for both players', () => {
    const expected = { generator: 1 / 8 + KL, inference: 1 / 8 + KL, g: -0.5, m: 9.75, l: 1 / 8 };
    expectValues(solve('vae', {}), expected);
    expectValues(solve('vae', { entropy: 'exact' }), {
      inference: 1 / 8 + LOG_Q + PRIOR,
      m: 8.75,
      l: 1 / 8 - 0.5 - 0.5,
    });
  });

  it('weighs the reconstruction by sigma', () => {
    expectValues(solve('vae', { sigma: 0.5 }), { generator: 0.5 + KL, g: -2, reconstruction: 0.5 });
  });
});
