/** Sums that several scores and the heatmaps share, in double precision. */
import type { Evidence } from './types.ts';

/** Several scores ask for the same of one evidence: it is computed once and lives as long as it. */
function remembered<T>(compute: (evidence: Evidence) => T): (evidence: Evidence) => T {
  const known = new WeakMap<Evidence, T>();
  return (evidence) => {
    let value = known.get(evidence);
    if (value === undefined) {
      value = compute(evidence);
      known.set(evidence, value);
    }
    return value;
  };
}

/** |x - g(mean)|^2 at each pixel, summed over channels, [count, size * size]; pixel units of [-1, 1] squared. Not to be changed. */
export const pixelResiduals = remembered<Float32Array | Float64Array>(
  (evidence) => evidence.residuals ?? computeResiduals(evidence),
);

function computeResiduals({ count, size, imageLength, images, reconstructions }: Evidence): Float64Array {
  const pixels = count * size * size;
  const channels = imageLength / (size * size);
  const residuals = new Float64Array(pixels);
  if (channels === 1) {
    for (let i = 0; i < pixels; i++) {
      const difference = (images[i] ?? 0) - (reconstructions[i] ?? 0);
      residuals[i] = difference * difference;
    }
    return residuals;
  }
  for (let i = 0, at = 0; i < pixels; i++) {
    let sum = 0;
    for (let channel = 0; channel < channels; channel++, at++) {
      const difference = (images[at] ?? 0) - (reconstructions[at] ?? 0);
      sum += difference * difference;
    }
    residuals[i] = sum;
  }
  return residuals;
}

/** |x - g(mean)|^2 summed over pixels and channels, [count], pixel units of [-1, 1] squared. Not to be changed. */
export const squaredResiduals = remembered((evidence) => {
  const { count, size } = evidence;
  const residuals = pixelResiduals(evidence);
  const sums = new Float64Array(count);
  const area = size * size;
  for (let i = 0; i < count; i++) {
    let sum = 0;
    for (let j = i * area; j < (i + 1) * area; j++) sum += residuals[j] ?? 0;
    sums[i] = sum;
  }
  return sums;
});

/** KL(q(z|x) || N(0, I)) in nats, [count]; Kingma and Welling 2014, appendix B. */
export function divergences({ count, latent, posterior }: Evidence): Float64Array {
  const sums = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    let sum = 0;
    for (let j = i * latent; j < (i + 1) * latent; j++) {
      const mean = posterior.mean[j] ?? 0;
      const logVariance = posterior.logVariance[j] ?? 0;
      sum += mean * mean + Math.exp(logVariance) - 1 - logVariance;
    }
    sums[i] = sum / 2;
  }
  return sums;
}

/** |x - g(mean)| summed over pixels and channels, [count], pixel units of [-1, 1]. */
export function absoluteResiduals({ count, imageLength, images, reconstructions }: Evidence): Float64Array {
  return Float64Array.from({ length: count }, (_, i) => {
    let sum = 0;
    for (let j = i * imageLength; j < (i + 1) * imageLength; j++) {
      sum += Math.abs((images[j] ?? 0) - (reconstructions[j] ?? 0));
    }
    return sum;
  });
}
