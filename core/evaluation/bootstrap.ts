/** Confidence intervals of ranking metrics by the bootstrap (percentile method, Efron 1979). */
import { CoreError } from '../errors.ts';
import type { Random } from '../random.ts';
import { quantile } from './quantile.ts';

export interface BootstrapRequest {
  readonly metric: (scores: ArrayLike<number>, labels: ArrayLike<number>) => number;
  readonly scores: ArrayLike<number>;
  /** 1 anomalous, 0 normal. */
  readonly labels: ArrayLike<number>;
  readonly random: Random;
  /** Resamples; default 1,000. */
  readonly samples?: number;
  /** Default 0.95. */
  readonly confidence?: number;
}

export interface ConfidenceInterval {
  readonly value: number;
  readonly low: number;
  readonly high: number;
  readonly confidence: number;
}

/**
 * The metric on all images with its interval. Normal and anomalous images are drawn apart, so that the base rate stays as it is.
 * The interval says how much the choice of test images matters, not what another training run would give.
 * Throws `evaluation/confidence` for bad options, and what the metric throws.
 */
export function bootstrapInterval(request: BootstrapRequest): ConfidenceInterval {
  const { metric, scores, labels, random, samples = 1000, confidence = 0.95 } = request;
  if (!(confidence > 0 && confidence < 1) || !Number.isInteger(samples) || samples < 1) {
    const text = `Got a confidence of ${confidence} and ${samples} samples. Give a confidence between 0 and 1 and at least one.`;
    throw new CoreError('evaluation/confidence', text);
  }
  const value = metric(scores, labels);
  const classes: [number[], number[]] = [[], []];
  for (let i = 0; i < scores.length; i++) classes[labels[i] === 1 ? 1 : 0].push(scores[i] ?? NaN);
  const drawn = new Float64Array(scores.length);
  const drawnLabels = Uint8Array.from({ length: scores.length }, (_, i) => (i < classes[0].length ? 0 : 1));
  const values = Array.from({ length: samples }, () => {
    let position = 0;
    for (const members of classes) {
      for (let i = 0; i < members.length; i++) drawn[position++] = members[random.integer(members.length)] ?? NaN;
    }
    return metric(drawn, drawnLabels);
  });
  const tail = (1 - confidence) / 2;
  return { value, low: quantile(values, tail), high: quantile(values, 1 - tail), confidence };
}
