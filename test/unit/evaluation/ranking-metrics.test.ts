import { describe, expect, it } from 'vitest';
import { aupr } from '../../../core/evaluation/aupr.ts';
import { auroc } from '../../../core/evaluation/auroc.ts';
import { f1max } from '../../../core/evaluation/f1max.ts';
import { fpr95 } from '../../../core/evaluation/fpr95.ts';
import { baseRate } from '../../../core/evaluation/ranking.ts';
import { Random } from '../../../core/random.ts';

// Descending: anomalous .8, normal .6, anomalous .4, normal .2.
const alternating = { scores: [0.8, 0.6, 0.4, 0.2], labels: [1, 0, 1, 0] };
// Descending: anomalous 3; anomalous and normal 2; normal, normal, anomalous 1.
const tied = { scores: [1, 2, 1, 3, 2, 1], labels: [0, 1, 1, 1, 0, 0] };
const metrics = { auroc, aupr, f1max, fpr95 };

describe('auroc', () => {
  it('counts the pairs in the right order, by hand', () => {
    // Right: .8 > .6, .8 > .2, .4 > .2; wrong: .4 < .6.
    expect(auroc(alternating.scores, alternating.labels)).toBe(0.75);
  });

  it('counts ties half, by hand', () => {
    // 3 beats 3; 2 ties one, beats two; 1 loses to one, ties two: (3 + 2.5 + 1) / 9.
    expect(auroc(tied.scores, tied.labels)).toBeCloseTo(6.5 / 9, 15);
  });

  it('is one half when all scores are equal, and turns over when the scores do', () => {
    expect(auroc([5, 5, 5], [0, 1, 0])).toBe(0.5);
    const turned = alternating.scores.map((score) => -score);
    expect(auroc(turned, alternating.labels)).toBe(0.25);
  });

  it('agrees with counting all pairs on random scores with many ties', () => {
    const random = Random.seeded(3);
    const labels = Array.from({ length: 200 }, () => random.integer(2));
    const scores = labels.map((label) => random.integer(10) + label);
    let sum = 0;
    let pairs = 0;
    labels.forEach((a, i) => {
      labels.forEach((b, j) => {
        if (a !== 1 || b !== 0) return;
        pairs++;
        sum += (Math.sign((scores[i] ?? NaN) - (scores[j] ?? NaN)) + 1) / 2;
      });
    });
    expect(auroc(scores, labels)).toBeCloseTo(sum / pairs, 12);
  });
});

describe('aupr', () => {
  it('is the average precision, by hand', () => {
    // Recall 1/2 at precision 1, recall 1 at precision 2/3.
    expect(aupr(alternating.scores, alternating.labels)).toBeCloseTo(0.5 + 0.5 * (2 / 3), 15);
  });

  it('takes ties as one threshold, whatever their order', () => {
    // Recall 1/3 at precision 1, 2/3 at 2/3, 1 at 3/6.
    const expected = (1 + 2 / 3 + 1 / 2) / 3;
    expect(aupr(tied.scores, tied.labels)).toBeCloseTo(expected, 15);
    expect(aupr(tied.scores.toReversed(), tied.labels.toReversed())).toBeCloseTo(expected, 15);
  });

  it('is the base rate for scores without information', () => {
    expect(aupr([1, 1, 1, 1], [1, 0, 0, 0])).toBe(0.25);
    expect(baseRate([1, 0, 0, 0])).toBe(0.25);
  });

  it('interpolates by trapezoids when asked, by hand', () => {
    // (0, 1) (1/2, 1) (1/2, 1/2) (1, 2/3) (1, 1/2)
    const expected = 0.5 + 0.5 * ((1 / 2 + 2 / 3) / 2);
    expect(aupr(alternating.scores, alternating.labels, 'trapezoid')).toBeCloseTo(expected, 15);
  });
});

describe('f1max', () => {
  it('finds value and threshold, by hand', () => {
    // From the top: 2/3, 1/2, 4/5, 2/3.
    const best = f1max(alternating.scores, alternating.labels);
    expect(best.f1).toBeCloseTo(0.8, 15);
    expect(best).toMatchObject({ threshold: 0.4, recall: 1 });
    expect(best.precision).toBeCloseTo(2 / 3, 15);
  });

  it('is 1 at the lowest anomalous score when the classes are apart', () => {
    expect(f1max([1, 2, 7, 9], [0, 0, 1, 1])).toEqual({ f1: 1, threshold: 7, precision: 1, recall: 1 });
  });
});

describe('fpr95', () => {
  it('is what finding 95 % of the anomalies costs, by hand', () => {
    expect(fpr95(alternating.scores, alternating.labels)).toBe(0.5);
    expect(fpr95(alternating.scores, alternating.labels, 0.5)).toBe(0);
    expect(fpr95([1, 2, 3], [1, 0, 0])).toBe(1);
  });

  it('refuses a recall that cannot be', () => {
    expect(() => fpr95([1, 2], [0, 1], 0)).toThrow('above 0');
  });
});

describe.each(Object.entries(metrics))('%s', (_, metric) => {
  it.each([
    ['one class', [1, 2], [1, 1], 'evaluation/one-class'],
    ['no images', [], [], 'evaluation/one-class'],
    ['a score that is NaN', [1, NaN], [0, 1], 'evaluation/not-a-number'],
    ['other lengths', [1, 2, 3], [0, 1], 'evaluation/length'],
    ['a label that is none', [1, 2, 3], [0, 1, 2], 'evaluation/label'],
  ])('refuses %s', (__, scores, labels, code) => {
    expect(() => metric(scores, labels)).toThrow(expect.objectContaining({ code }));
  });

  it('takes infinite scores and float32 arrays', () => {
    expect(() => metric(Float32Array.from([-Infinity, 0, Infinity]), Uint8Array.from([0, 0, 1]))).not.toThrow();
  });
});
