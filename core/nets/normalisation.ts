/**
 * Batch normalisation (Ioffe and Szegedy 2015) and spectral normalisation (Miyato et al. 2018), each with its own gradient:
 * the chain rule taken operation by operation would pass over the large arrays about twice as often.
 */
import * as tf from '@tensorflow/tfjs';
import type { Mode } from './types.ts';
import type { VariableStore } from './variables.ts';

export type Layer<X extends tf.Tensor = tf.Tensor, Y extends tf.Tensor = X> = (x: X, mode: Mode) => Y;

const BATCH_EPSILON = 1e-5;
/** Part of the running statistics that survives one batch. About 20 batches are remembered, so that short runs end unbiased. */
const RUNNING_DECAY = 0.95;
/** Keeps a zero matrix from dividing by zero. */
const NORM_EPSILON = 1e-12;

/** Batch normalisation over all axes but the last, with learned scale and shift. Running variance is the biased one. */
export function batchNorm(
  store: VariableStore,
  name: string,
  channels: number,
): <X extends tf.Tensor>(x: X, mode: Mode) => X {
  const scale = store.weight<tf.Rank.R1>(`${name}/scale`, [channels], 'ones');
  const shift = store.weight<tf.Rank.R1>(`${name}/shift`, [channels], 'zeros');
  const runningMean = store.memory<tf.Rank.R1>(`${name}/mean`, [channels], 'zeros');
  const runningVariance = store.memory<tf.Rank.R1>(`${name}/variance`, [channels], 'ones');

  const advance = (running: tf.Variable<tf.Rank.R1>, now: tf.Tensor1D) =>
    running.assign(tf.add(tf.mul(running, RUNNING_DECAY), tf.mul(now, 1 - RUNNING_DECAY)));

  return <X extends tf.Tensor>(x: X, mode: Mode): X => {
    if (mode === 'inference') {
      const factor = tf.mul(scale, tf.rsqrt(tf.add(runningVariance, BATCH_EPSILON))); // [channels]
      return tf.add(tf.mul(x, factor), tf.sub(shift, tf.mul(runningMean, factor)));
    }
    return normaliseBatch(x, scale, shift, (mean, variance) => {
      if (mode !== 'train') return;
      advance(runningMean, mean);
      advance(runningVariance, variance);
    });
  };
}

/** y = scale (x - mean) / sd + shift with the batch's own mean and variance, handed to `observe`; gradients by hand. */
export function normaliseBatch<X extends tf.Tensor>(
  x: X,
  scale: tf.Tensor1D,
  shift: tf.Tensor1D,
  observe: (mean: tf.Tensor1D, variance: tf.Tensor1D) => void,
): X {
  const axes = x.shape.slice(0, -1).map((_, axis) => axis);
  const rows = x.size / scale.size;
  const operation = tf.customGrad<X>((...given) => {
    const [input, gain, offset, save] = given as [X, tf.Tensor1D, tf.Tensor1D, tf.GradSaveFunc];
    const mean = tf.mean<tf.Tensor1D>(input, axes);
    const centred = tf.sub<X>(input, mean);
    const variance = tf.mean<tf.Tensor1D>(tf.square(centred), axes);
    observe(mean, variance);
    const inverse = tf.rsqrt(tf.add(variance, BATCH_EPSILON)); // 1 / sd, [channels]
    const factor = tf.mul(gain, inverse);
    save([centred, inverse, factor]);
    return {
      value: tf.add<X>(tf.mul(centred, factor), offset),
      gradFunc: (dy, saved) => {
        const [c, i, a] = saved as [X, tf.Tensor1D, tf.Tensor1D];
        const dShift = tf.sum(dy, axes);
        const dScale = tf.mul(tf.sum(tf.mul(dy, c), axes), i);
        // dx = a (dy - mean(dy) - x̂ mean(dy x̂)), with x̂ = c i, gathered so that each large array is touched once.
        const slope = tf.mul(tf.mul(tf.mul(a, i), dScale), -1 / rows); // [channels]
        const constant = tf.mul(tf.mul(a, dShift), -1 / rows);
        const dx = tf.add(tf.mul(dy, a), tf.add(tf.mul(c, slope), constant));
        return [dx, dScale, dShift];
      },
    };
  });
  return operation(x, scale, shift);
}

/** Kernel -> kernel / s with s its largest singular value, estimated by one power iteration a call. */
export type SpectralNorm = <W extends tf.Tensor>(kernel: W, mode: Mode) => W;

/**
 * The kernel is read as a matrix [everything else, outputs]. The estimate u of the right singular vector is advanced in `train`
 * mode only. The gradient flows through s = v' W u with u and v held fixed, as in the source.
 */
export function spectralNorm(store: VariableStore, name: string, outputs: number): SpectralNorm {
  const u = store.memory<tf.Rank.R2>(`${name}/u`, [outputs, 1], 'unit');
  return (kernel, mode) =>
    divideBySpectralNorm(kernel, u, (next) => {
      if (mode === 'train') u.assign(next);
    });
}

function divideBySpectralNorm<W extends tf.Tensor>(kernel: W, u: tf.Tensor2D, observe: (u: tf.Tensor2D) => void): W {
  const outputs = u.shape[0];
  const operation = tf.customGrad<W>((...given) => {
    const [w, save] = given as [W, tf.GradSaveFunc];
    const matrix = tf.reshape<tf.Rank.R2>(w, [-1, outputs]);
    const v = unit(tf.matMul(matrix, u)); // [rows, 1]
    const image = tf.matMul<tf.Tensor2D>(matrix, v, true); // W'v = s u, [outputs, 1]
    const inverse = tf.rsqrt(tf.add(tf.sum(tf.square(image)), NORM_EPSILON)); // 1 / s
    const next = tf.mul<tf.Tensor2D>(image, inverse);
    observe(next);
    const value = tf.mul<W>(w, inverse);
    save([value, v, next, inverse]);
    return {
      value,
      gradFunc: (dy, saved) => {
        const [normalised, left, right, factor] = saved as [W, tf.Tensor2D, tf.Tensor2D, tf.Scalar];
        // dW = (dy - <dy, W / s> v u') / s
        const inner = tf.matMul(tf.reshape(dy, [1, -1]), tf.reshape(normalised, [-1, 1])); // [1, 1]
        const outer = tf.matMul(tf.mul(left, inner), right, false, true); // [rows, outputs]
        return tf.mul(tf.sub(dy, tf.reshape(outer, w.shape)), factor);
      },
    };
  });
  return operation(kernel);
}

function unit(vector: tf.Tensor): tf.Tensor2D {
  return tf.mul(vector, tf.rsqrt(tf.add(tf.sum(tf.square(vector)), NORM_EPSILON)));
}
