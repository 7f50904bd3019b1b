/** Gradients of a step against central differences of the players' own losses, on the current backend in float32. */
import * as tf from '@tensorflow/tfjs';
import { expect } from 'vitest';
import { createNetworks, disposeNetworks, presentNetworks } from '../../../core/nets/networks.ts';
import type { NetSpec, Network, Networks } from '../../../core/nets/types.ts';
import { resolveOptions } from '../../../core/objectives/options.ts';
import type { Objective, ObjectiveOptions, StepInputs } from '../../../core/objectives/types.ts';
import { Random } from '../../../core/random.ts';
import { drawFeed, shapeOfFeed } from '../../../core/training/noise.ts';

const BATCH = 4;
const spec: NetSpec = { size: 8, channels: 1, width: 3, latent: 3 };

export function makeInputs(objective: Objective, options: ObjectiveOptions, random: Random): StepInputs {
  const { size, channels, latent } = spec;
  const feeds = objective.randomness?.(spec, BATCH, options) ?? {};
  const memory = objective.memory?.(spec, BATCH, options) ?? {};
  return {
    images: tf.tensor4d(random.normals(BATCH * size * size * channels, 0.5), [BATCH, size, size, channels]),
    prior: tf.tensor2d(random.normals(BATCH * latent), [BATCH, latent]),
    noise: tf.tensor2d(random.normals(BATCH * latent), [BATCH, latent]),
    random: Object.fromEntries(
      Object.entries(feeds).map(([name, feed]) => [
        name,
        tf.tensor(drawFeed(feed, random), [...shapeOfFeed(feed)], feed.kind === 'draw' ? 'int32' : 'float32'),
      ]),
    ),
    memory: Object.fromEntries(
      Object.entries(memory).map(([name, { shape }]) => [
        name,
        tf.tensor(
          random.normals(
            shape.reduce((a, b) => a * b, 1),
            0.5,
          ),
          [...shape],
        ),
      ]),
    ),
  };
}

/** Weights of ordinary size, away from the kinks of a fresh network, and singular vectors that have converged. */
function settle(networks: Networks, random: Random): void {
  for (const network of presentNetworks(networks)) {
    for (const variable of network.trainable.values()) {
      const drawn = random.normals(variable.size, 0.3);
      tf.tidy(() => variable.assign(tf.add(variable, tf.tensor(drawn, variable.shape))));
    }
  }
  const { energy, critic } = networks;
  const image = tf.zeros<tf.Rank.R4>([1, spec.size, spec.size, spec.channels]);
  const z = tf.zeros<tf.Rank.R2>([1, spec.latent]);
  for (let i = 0; i < 60; i++) {
    tf.tidy(() => {
      energy?.value(image, z, 'train');
      if (critic !== undefined && [...critic.state.keys()].some((name) => name.endsWith('/u'))) {
        critic.value(image, 'train');
      }
    });
  }
  tf.dispose([image, z]);
}

/** Central difference of the network's loss along `direction`. */
function numericalSlope(
  objective: Objective,
  networks: Networks,
  network: Network,
  inputs: StepInputs,
  options: ObjectiveOptions,
  direction: ReadonlyMap<string, tf.Tensor>,
  step: number,
): number {
  const saved = new Map([...network.trainable].map(([name, variable]) => [name, variable.clone()]));
  const lossAt = (distance: number): number => {
    for (const [name, variable] of network.trainable) {
      const start = saved.get(name) as tf.Tensor;
      tf.tidy(() => variable.assign(tf.add(start, tf.mul(direction.get(name) as tf.Tensor, distance))));
    }
    return tf.tidy(() => {
      const loss = objective.losses(networks, inputs, options)[network.name];
      if (loss === undefined) throw new Error(`no loss for ${network.name}`);
      return loss.dataSync()[0] as number;
    });
  };
  const slope = (lossAt(step) - lossAt(-step)) / (2 * step);
  lossAt(0);
  tf.dispose([...saved.values()]);
  return slope;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function gradientNorm(gradients: Readonly<Record<string, tf.Tensor>>, network: Network): number {
  return Math.sqrt(
    sum(
      [...network.trainable.keys()].map((key) => (gradients[key] as tf.Tensor).square().sum().dataSync()[0] as number),
    ),
  );
}

/** Expects every gradient that `step` returns to be the slope of its player's loss, and no tensor to be left behind. */
export function expectSlopes(
  objective: Objective,
  { energyForm, ...given }: Partial<ObjectiveOptions> & Pick<NetSpec, 'energyForm'>,
): void {
  const before = tf.memory().numTensors;
  const random = Random.seeded(11, JSON.stringify({ energyForm, ...given }));
  const networks = createNetworks(
    { ...spec, ...objective.nets, ...(energyForm && { energyForm }) },
    objective.networks,
    3,
  );
  tf.tidy(() => {
    settle(networks, random);
    const options = resolveOptions(objective, given);
    const drawn = makeInputs(objective, options, random);
    const inputs = { ...drawn, prepared: objective.prepare?.(networks, drawn, options) ?? {} };
    const { gradients } = objective.step(networks, inputs, options);
    for (const network of presentNetworks(networks)) {
      // Along the gradient itself (a long slope, sharp) and along a random direction (any weight may disagree).
      for (const kind of ['gradient', 'random'] as const) {
        const direction = new Map(
          [...network.trainable].map(([key, variable]) => [
            key,
            kind === 'gradient'
              ? (gradients[key] as tf.Tensor).clone()
              : tf.tensor(random.normals(variable.size), variable.shape),
          ]),
        );
        const norm = Math.sqrt(sum([...direction.values()].map((d) => d.square().sum().dataSync()[0] as number)));
        const units = new Map([...direction].map(([key, d]) => [key, d.div(norm)]));
        const expected = sum(
          [...units].map(
            ([key, d]) =>
              d
                .mul(gradients[key] as tf.Tensor)
                .sum()
                .dataSync()[0] as number,
          ),
        );
        // Short distances suffer from rounding, long ones from the kinks of leaky ReLU: one of them has to agree.
        const errors = [5e-4, 2e-3, 1e-4].map((distance) =>
          Math.abs(numericalSlope(objective, networks, network, inputs, options, units, distance) - expected),
        );
        const scale = Math.max(Math.abs(expected), 0.1 * gradientNorm(gradients, network));
        expect(Math.min(...errors) / scale, `${network.name}, ${kind}`).toBeLessThan(0.015);
      }
    }
  });
  disposeNetworks(networks);
  expect(tf.memory().numTensors).toBe(before);
}
