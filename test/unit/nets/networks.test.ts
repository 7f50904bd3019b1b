/** Shapes for every size, determinism, what each mode may change, what a value may depend on, tensors counted. */
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { geometryOf } from '../../../core/nets/geometry.ts';
import {
  NETWORK_NAMES,
  countWeights,
  createNetworks,
  disposeNetworks,
  namedTensors,
  presentNetworks,
} from '../../../core/nets/networks.ts';
import type { Critic, Generator, Energy, Inference, Mode, NetSpec, Networks } from '../../../core/nets/types.ts';
import { Random } from '../../../core/random.ts';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

interface All {
  readonly generator: Generator;
  readonly inference: Inference;
  readonly energy: Energy;
  readonly critic: Critic;
  readonly statistics: Energy;
}

function withNetworks(spec: NetSpec, use: (all: All, networks: Networks) => void): void {
  const before = tf.memory().numTensors;
  const networks = createNetworks(spec, NETWORK_NAMES, 1);
  const variables = tf.memory().numTensors;
  tf.tidy(() => use(networks as unknown as All, networks));
  expect(tf.memory().numTensors).toBe(variables);
  disposeNetworks(networks);
  expect(tf.memory().numTensors).toBe(before);
}

const tiny: NetSpec = { size: 8, channels: 1, width: 3, latent: 2 };

function images(batch: number, { size, channels }: NetSpec, seed = 1): tf.Tensor4D {
  return tf.tensor4d(Random.seeded(seed).normals(batch * size * size * channels, 0.5), [batch, size, size, channels]);
}

function latents(batch: number, { latent }: NetSpec, seed = 2): tf.Tensor2D {
  return tf.tensor2d(Random.seeded(seed).normals(batch * latent), [batch, latent]);
}

describe('shapes', () => {
  const specs: NetSpec[] = [
    { size: 28, channels: 1, width: 2, latent: 5 },
    { size: 32, channels: 3, width: 3, latent: 1 },
    { size: 64, channels: 1, width: 1, latent: 4 },
    { size: 128, channels: 3, width: 1, latent: 3 },
    { size: 16, channels: 3, width: 5, latent: 7 },
  ];
  it.each(specs)('fit for %o', (spec) => {
    withNetworks(spec, ({ generator, inference, energy, critic, statistics }) => {
      const x = images(2, spec);
      const z = latents(2, spec);
      const picture = generator.generate(z, 'inference');
      expect(picture.shape).toEqual([2, spec.size, spec.size, spec.channels]);
      expect(picture.abs().max().dataSync()[0]).toBeLessThanOrEqual(1);
      const { mean, logVariance } = inference.infer(x, 'inference');
      expect([mean.shape, logVariance.shape]).toEqual([
        [2, spec.latent],
        [2, spec.latent],
      ]);
      const { f, features } = energy.value(x, z, 'inference');
      expect(f.shape).toEqual([2]);
      expect(features.shape[0]).toBe(2);
      expect(critic.value(x, 'inference').f.shape).toEqual([2]);
      expect(critic.value(x, 'inference').features.shape).toEqual([2, Math.min(128, 8 * spec.width)]);
      expect(statistics.value(x, z, 'inference').f.shape).toEqual([2]);
    });
  });

  it('follow the halvings: 28 -> 14 -> 7 -> 4 down, 7 -> 14 -> 28 up; channels stop at eight times the width', () => {
    expect(geometryOf({ size: 28, channels: 1, width: 16, latent: 8 })).toEqual({
      encoder: [16, 32, 64],
      top: 4,
      decoder: [32, 1],
      bottom: { side: 7, channels: 64 },
    });
    expect(geometryOf({ size: 128, channels: 3, width: 16, latent: 8 })).toEqual({
      encoder: [16, 32, 64, 128, 128],
      top: 4,
      decoder: [128, 64, 32, 16, 3],
      bottom: { side: 4, channels: 128 },
    });
  });

  it.each([
    [{ ...tiny, size: 30 }, /30 pixels.*28, 32, 64 or 128/],
    [{ ...tiny, width: 0 }, /width 0/],
    [{ ...tiny, latent: 1.5 }, /latent 1\.5/],
  ] as const)('refuse %o', (spec, message) => {
    const before = tf.memory().numTensors;
    expect(() => createNetworks(spec, NETWORK_NAMES, 1)).toThrow(message);
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('variables', () => {
  it('come from the seed and their name alone', () => {
    const read = (networks: Networks) =>
      Object.fromEntries([...namedTensors(networks)].map(([name, variable]) => [name, variable.dataSync()]));
    const [all, again, one, other] = [
      createNetworks(tiny, NETWORK_NAMES, 4),
      createNetworks(tiny, NETWORK_NAMES, 4),
      createNetworks(tiny, ['inference'], 4),
      createNetworks(tiny, ['inference'], 5),
    ];
    expect(read(again)).toEqual(read(all));
    expect(read(all)).toMatchObject(read(one));
    expect(read(other)['inference/down1/kernel']).not.toEqual(read(one)['inference/down1/kernel']);
    for (const networks of [all, again, one, other]) disposeNetworks(networks);
  });

  it('have stable names, and weights start at N(0, 0.02)', () => {
    withNetworks({ size: 8, channels: 1, width: 16, latent: 8 }, ({ energy }, networks) => {
      expect([...namedTensors(networks).keys()]).toEqual(
        [
          ['generator', 'project/kernel project-norm/scale project-norm/shift up1/kernel up1/bias'],
          ['generator', 'project-norm/mean project-norm/variance'],
          ['inference', 'down1/kernel down1/bias head/kernel head/bias'],
          ['energy', 'image1/kernel image1/bias image-features/kernel image-features/bias latent1/kernel latent1/bias'],
          ['energy', 'latent2/kernel latent2/bias joint/kernel joint/bias output/kernel'],
          ['energy', 'image1/u image-features/u latent1/u latent2/u joint/u output/u'],
          ['critic', 'image1/kernel image1/bias image-features/kernel image-features/bias output/kernel output/bias'],
          ['statistics', 'image1/kernel image1/bias image-features/kernel image-features/bias latent1/kernel'],
          ['statistics', 'latent1/bias latent2/kernel latent2/bias joint/kernel joint/bias output/kernel'],
        ].flatMap(([network, names]) => (names ?? '').split(' ').map((name) => `${network ?? ''}/${name}`)),
      );
      const kernel = energy.trainable.get('energy/image-features/kernel') as tf.Variable;
      expect(tf.moments(kernel).variance.sqrt().dataSync()[0]).toBeCloseTo(0.02, 3);
      expect(presentNetworks(networks).map(countWeights)).toEqual([2337, 4384, 62736, 33297, 62736]);
    });
  });
});

describe('modes', () => {
  const snapshot = (networks: Networks) => [...namedTensors(networks)].map(([name, v]) => [name, [...v.dataSync()]]);
  const call = ({ generator, inference, energy }: All, mode: Mode) => {
    const x = images(3, tiny);
    const z = latents(3, tiny);
    const { mean, logVariance } = inference.infer(x, mode);
    return [generator.generate(z, mode), mean, logVariance, energy.value(x, z, mode).f].map((t) => [...t.dataSync()]);
  };

  it('frozen gives what train gives, and changes nothing', () => {
    withNetworks(tiny, (all, networks) => {
      const before = snapshot(networks);
      const frozen = call(all, 'frozen');
      call(all, 'inference');
      expect(snapshot(networks)).toEqual(before);
      expect(call(all, 'train')).toEqual(frozen);
      const changed = new Map(snapshot(networks) as [string, number[]][]);
      for (const [name, values] of before as [string, number[]][]) {
        if (values.length === 1) continue; // a unit vector of one number
        const isState = presentNetworks(networks).some((network) => network.state.has(name));
        if (isState) expect(changed.get(name), name).not.toEqual(values);
        else expect(changed.get(name), name).toEqual(values);
      }
    });
  });

  it('inference: an image is judged the same alone and in company', () => {
    withNetworks({ ...tiny, size: 16 }, (all) => {
      const spec = { ...tiny, size: 16 };
      const x = images(3, spec);
      const z = latents(3, spec);
      for (let i = 0; i < 5; i++) {
        all.inference.infer(x, 'train');
        all.generator.generate(z, 'train');
      }
      const [one, all3] = [1, 3].map((count) => {
        const some = tf.slice(x, 0, count);
        const { mean } = all.inference.infer(some, 'inference');
        const picture = all.generator.generate(mean, 'inference');
        const { f } = all.energy.value(some, mean, 'inference');
        return [mean, picture, f].map((tensor) => tf.slice(tensor, 0, 1).dataSync());
      });
      expect(all3).toEqual(one);
    });
  });
});

describe('batch normalisation', () => {
  it('makes mean 0 and variance 1, and its running statistics approach the batch', () => {
    const spec = { ...tiny, width: 4 };
    withNetworks(spec, ({ generator }) => {
      const z = latents(64, spec);
      for (let i = 0; i < 300; i++) generator.generate(z, 'train');
      const apart = tf.sub(generator.generate(z, 'frozen'), generator.generate(z, 'inference'));
      expect(apart.abs().max().dataSync()[0]).toBeLessThan(1e-4);
    });
  });
});

describe('critic', () => {
  it.each([
    ['none', []],
    ['batch', ['critic/image2-norm/mean', 'critic/image2-norm/variance']],
    ['spectral', ['critic/image1/u', 'critic/image2/u', 'critic/image-features/u', 'critic/output/u']],
  ] as const)('is normalised as asked: %s', (criticNorm, state) => {
    withNetworks({ ...tiny, size: 16, criticNorm }, ({ critic }) => {
      expect([...critic.state.keys()]).toEqual(state);
      const x = images(3, { ...tiny, size: 16 });
      const values = critic.value(x, 'frozen').f.dataSync();
      expect(critic.value(x, 'train').f.dataSync()).toEqual(values);
      const alone = critic.value(tf.slice(x, 0, 1), 'inference').f.dataSync()[0];
      expect(critic.value(x, 'inference').f.dataSync()[0]).toBeCloseTo(alone ?? NaN, 6);
    });
  });
});

describe('energy', () => {
  it('concat: spectral normalisation makes f blind to the size of the weights', () => {
    withNetworks(tiny, ({ energy }) => {
      const [x, z] = [images(3, tiny), latents(3, tiny)];
      for (let i = 0; i < 50; i++) energy.value(x, z, 'train');
      const before = energy.value(x, z, 'inference').f.dataSync();
      for (const [name, variable] of energy.trainable) {
        if (name.endsWith('/kernel')) variable.assign(tf.mul(variable, 7));
      }
      const after = energy.value(x, z, 'inference').f.dataSync();
      after.forEach((value, i) => expect(value).toBeCloseTo(before[i] ?? NaN, 5));
      // Lipschitz in z: three normalised layers and leaky ReLUs pass on no more than the distance itself.
      const moved = energy.value(x, tf.add(z, 0.5), 'inference').f.dataSync();
      moved.forEach((value, i) => {
        expect(Math.abs(value - (after[i] ?? NaN))).toBeLessThan(0.5 * Math.sqrt(tiny.latent) + 1e-4);
      });
    });
  });

  it('concat without normalisation: no spectral state, and f is free to turn on z', () => {
    const spec: NetSpec = { ...tiny, energyNorm: 'none' };
    withNetworks(spec, ({ energy }) => {
      expect(energy.state.size).toBe(0);
      const [x, z] = [images(3, spec), latents(3, spec)];
      const slope = (): number => {
        const [at, moved] = [z, tf.add<tf.Tensor2D>(z, 0.5)].map((place) => energy.value(x, place, 'inference').f);
        return (
          tf
            .sub(moved as tf.Tensor1D, at as tf.Tensor1D)
            .abs()
            .max()
            .dataSync()[0] ?? NaN
        );
      };
      const before = slope();
      for (const [name, variable] of energy.trainable) {
        if (name.endsWith('/kernel')) variable.assign(tf.mul(variable, 7));
      }
      // Four layers between z and f, each seven times as steep.
      expect(slope() / before).toBeCloseTo(7 ** 4, -1);
    });
  });

  it('coupled: f lies within 20 below its bias, and has no spectral state', () => {
    const spec: NetSpec = { ...tiny, energyForm: 'coupled' };
    withNetworks(spec, ({ energy }) => {
      expect(energy.state.size).toBe(0);
      const f = energy.value(images(9, spec), latents(9, spec), 'inference').f.dataSync();
      for (const value of f) expect(value).toBeLessThanOrEqual(0);
      for (const value of f) expect(value).toBeGreaterThanOrEqual(-20.001);
      expect(Math.max(...f) - Math.min(...f)).toBeGreaterThan(0.1);
    });
  });

  it.each(['concat', 'coupled'] as const)('%s: all pairs at once are what one after another gives', (energyForm) => {
    withNetworks({ ...tiny, energyForm, energyViews: true }, ({ energy }) => {
      const rows = energy.encodeImages(images(3, tiny), 'inference');
      const k = energy.encodeLatents(latents(2, tiny), 'inference');
      const all = energy.joinAll(rows, k, 'inference').arraySync();
      for (const [i, j] of [
        [0, 1],
        [2, 0],
      ] as const) {
        const pair = energy.join(tf.slice(rows, [i, 0], [1, -1]), tf.slice(k, [j, 0], [1, -1]), 'inference');
        expect(all[i]?.[j]).toBeCloseTo(pair.f.dataSync()[0] ?? Number.NaN, 4);
      }
    });
  });

  it('likeness features have length one, f does not read them, and they are what is handed out as features', () => {
    withNetworks({ ...tiny, energyForm: 'coupled', energyViews: true }, ({ energy }) => {
      const [x, z] = [images(4, tiny), latents(4, tiny)];
      const { f, features } = energy.value(x, z, 'inference');
      const alike = energy.likeness(energy.encodeImages(x, 'inference'));
      expect(Array.from(features.dataSync())).toEqual(Array.from(alike.dataSync()));
      for (const square of tf.sum(tf.square(alike), 1).dataSync()) expect(square).toBeCloseTo(1, 4);
      const head = energy.trainable.get('energy/views/kernel');
      head?.assign(tf.neg(head));
      expect(Array.from(energy.value(x, z, 'inference').f.dataSync())).toEqual(Array.from(f.dataSync()));
      expect(Array.from(energy.value(x, z, 'inference').features.dataSync())).not.toEqual(
        Array.from(features.dataSync()),
      );
    });
  });
});
