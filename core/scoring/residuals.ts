/** Sums that several scores share, in double precision. */
import type { Evidence } from './types.ts';

/** |x - g(mean)|^2 summed over pixels and channels, [count], pixel units of [-1, 1] squared. */
export function squaredResiduals({ count, imageLength, images, reconstructions }: Evidence): Float64Array {
  const sums = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    let sum = 0;
    for (let j = i * imageLength; j < (i + 1) * imageLength; j++) {
      const difference = (images[j] ?? 0) - (reconstructions[j] ?? 0);
      sum += difference * difference;
    }
    sums[i] = sum;
  }
  return sums;
}

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
