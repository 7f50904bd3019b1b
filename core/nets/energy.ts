/**
 * The joint energy network f(x, z), the NEGATIVE energy of Eq. 7. Image path: strided convolutions and a dense layer; latent path: two
 * dense layers, three in the coupled form; leaky ReLU, no batch normalisation, so that a value depends on its own pair alone. They meet
 * in one of two forms: `concat` (the paper's) or `coupled` (see {@link EnergyForm}). Spectral normalisation on every layer bounds f's
 * slope by z as well as by x: methods that play with a discriminator of pairs ask for `none`.
 */
import * as tf from '@tensorflow/tfjs';
import { featuresOf, geometryOf } from './geometry.ts';
import { convolution, dense, leakyRelu, type LayerOptions } from './layers.ts';
import type { Energy, EnergyForm, EnergyValue, Mode, NetSpec } from './types.ts';
import { createVariableStore, type VariableStore } from './variables.ts';

/** Scale of the coupled form's squared distance. */
const COUPLING = 5;

type Join = Energy['join'];
type JoinAll = Energy['joinAll'];

/** How the two paths meet. */
interface Meeting {
  readonly join: Join;
  readonly joinAll: JoinAll;
}

export function createEnergy(spec: NetSpec, seed: number): Energy {
  const form = spec.energyForm ?? 'concat';
  const norm = spec.energyNorm ?? (form === 'concat' ? 'spectral' : 'none');
  // He's start for layers that nothing normalises.
  const options: LayerOptions = norm === 'spectral' ? { spectral: true } : { initial: 'he' };
  return createJoint('energy', spec, seed, form, options);
}

/** T(x, z), in the concatenated form and without normalisation: an estimate of mutual information must not be bounded in slope. */
export function createStatistics(spec: NetSpec, seed: number): Energy {
  return createJoint('statistics', spec, seed, 'concat', { initial: 'he' });
}

function createJoint(
  name: 'energy' | 'statistics',
  spec: NetSpec,
  seed: number,
  form: EnergyForm,
  options: LayerOptions,
): Energy {
  const { encoder, top } = geometryOf(spec);
  const store = createVariableStore(name, seed);
  const convolutions = encoder.map((outputs, i) =>
    convolution(store, `image${i + 1}`, encoder[i - 1] ?? spec.channels, outputs, options),
  );
  const flat = top ** 2 * (encoder.at(-1) ?? spec.channels);
  const features = featuresOf(spec);
  // The coupled form has nothing after the meeting: its latent path alone must tell what the image path will see.
  const hidden = form === 'concat' ? Math.ceil(features / 2) : features;
  const imageFeatures = dense(store, 'image-features', flat, features, options);
  const views =
    spec.energyViews === true && name === 'energy' ? dense(store, 'views', flat, features, { initial: 'he' }) : null;
  const latent1 = dense(store, 'latent1', spec.latent, hidden, options);
  const latent2 = dense(store, 'latent2', hidden, hidden, options);
  const latent3 = form === 'concat' ? null : dense(store, 'latent3', hidden, features, options);
  const { join, joinAll } =
    form === 'concat' ? concatenated(store, features + hidden, features, options) : coupled(store);

  /** h(x) [batch, features], and the likeness features of the same length. */
  const readImages = (images: tf.Tensor4D, mode: Mode): { h: tf.Tensor2D; alike: tf.Tensor2D | null } => {
    let x = images;
    for (const convolve of convolutions) x = leakyRelu(convolve(x, mode));
    const last = tf.reshape<tf.Rank.R2>(x, [-1, flat]);
    const h = imageFeatures(last, mode);
    return {
      h: form === 'concat' ? leakyRelu(h) : unitRows(h),
      alike: views === null ? null : unitRows(views(last, mode)),
    };
  };
  const readByF = (rows: tf.Tensor2D): tf.Tensor2D => (views === null ? rows : tf.slice(rows, [0, 0], [-1, features]));
  const likeness = (rows: tf.Tensor2D): tf.Tensor2D => tf.slice(rows, [0, features], [-1, features]);
  const encodeLatents = (z: tf.Tensor2D, mode: Mode): tf.Tensor2D =>
    tf.tidy(() => {
      const k = leakyRelu(latent2(leakyRelu(latent1(z, mode)), mode)); // [batch, hidden]
      return latent3 === null ? k : unitRows(latent3(k, mode)); // [batch, features]
    });
  const meet = (h: tf.Tensor2D, alike: tf.Tensor2D | null, latents: tf.Tensor2D, mode: Mode): EnergyValue => {
    const value = join(h, latents, mode);
    return alike === null ? value : { f: value.f, features: alike };
  };
  return {
    name,
    trainable: store.trainable,
    state: store.state,
    dispose: () => store.dispose(),
    encodeImages: (images, mode) =>
      tf.tidy(() => {
        const { h, alike } = readImages(images, mode);
        return alike === null ? h : tf.concat([h, alike], 1);
      }),
    encodeLatents,
    join: (rows, latents, mode) =>
      tf.tidy(() => meet(readByF(rows), views === null ? null : likeness(rows), latents, mode)),
    joinAll: (rows, latents, mode) => tf.tidy(() => joinAll(readByF(rows), latents, mode)),
    likeness,
    // Without the detour by rows: cutting them would fix the batch size of an exported graph.
    value: (images, z, mode) =>
      tf.tidy(() => {
        const { h, alike } = readImages(images, mode);
        return meet(h, alike, encodeLatents(z, mode), mode);
      }),
  };
}

/** f = dense(leakyReLU(dense([h, k]))). No last bias: Z of Eq. 7 takes up any constant, and in Eq. 12 it cancels. */
function concatenated(store: VariableStore, inputs: number, features: number, options: LayerOptions): Meeting {
  const joint = dense(store, 'joint', inputs, features, options);
  const output = dense(store, 'output', features, 1, { ...options, bias: false });
  const join: Join = (images, latents, mode) =>
    tf.tidy(() => {
      const last = leakyRelu(joint(tf.concat([images, latents], 1), mode));
      return { f: tf.reshape<tf.Rank.R1>(output(last, mode), [-1]), features: last };
    });
  const joinAll: JoinAll = (images, latents, mode) => {
    const [n, m] = [images.shape[0], latents.shape[0]];
    const repeated = tf.reshape<tf.Rank.R2>(tf.tile(tf.expandDims(images, 1), [1, m, 1]), [n * m, -1]);
    return tf.reshape(join(repeated, tf.tile(latents, [n, 1]), mode).f, [n, m]);
  };
  return { join, joinAll };
}

/** f = bias - 5 |h - k|^2; its features are h - k, in which k cancels when two images share a latent vector. */
function coupled(store: VariableStore): Meeting {
  const bias = store.weight<tf.Rank.R1>('output/bias', [1], 'zeros');
  return {
    join: (images, latents) =>
      tf.tidy(() => {
        const difference = tf.sub<tf.Tensor2D>(images, latents);
        const distance = tf.sum(tf.square(difference), 1); // [batch]
        return { f: tf.sub<tf.Tensor1D>(bias, tf.mul(distance, COUPLING)), features: difference };
      }),
    // |h - k|^2 = 2 - 2 hk, both of length one.
    joinAll: (images, latents) =>
      tf.add(tf.sub(bias, 2 * COUPLING), tf.mul(tf.matMul(images, latents, false, true), 2 * COUPLING)),
  };
}

/** Rows scaled to length one. */
function unitRows(x: tf.Tensor2D): tf.Tensor2D {
  return tf.mul(x, tf.rsqrt(tf.add(tf.sum(tf.square(x), 1, true), 1e-12)));
}
