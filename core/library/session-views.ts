/** What the Score page shows of a session's numbers: windows of the list, histogram, thresholds, metrics. Pure functions of table and calibration. */
import { aupr } from '../evaluation/aupr.ts';
import { auroc } from '../evaluation/auroc.ts';
import { f1max } from '../evaluation/f1max.ts';
import { histogram } from '../evaluation/histogram.ts';
import type { ScoreName } from '../score-names.ts';
import type { Calibration } from '../scoring/calibration.ts';
import {
  labelOf,
  thresholdByBestF1,
  thresholdByHand,
  thresholdFromNormals,
  type Threshold,
} from '../scoring/threshold.ts';
import { sortedFinite } from '../scoring/statistics.ts';
import { CoreError } from '../errors.ts';
import type { SessionRule } from './session-meta.ts';
import { countAbove, type LabelCode, type SessionTable } from './session-table.ts';

export interface ResultFilter {
  readonly predicted?: 'normal' | 'anomalous' | undefined;
  readonly label?: 'normal' | 'anomalous' | 'unlabelled' | undefined;
  readonly search?: string | undefined;
}

export type ResultSort = 'most-anomalous' | 'least-anomalous' | 'name' | 'input';

const labelCodes = { unlabelled: 0, normal: 1, anomalous: 2 } as const;
export const labelWords = [null, 'normal', 'anomalous'] as const;

/** Row numbers in order, those that the filter leaves. */
export function chooseRows(
  table: SessionTable,
  score: ScoreName,
  threshold: Threshold,
  sort: ResultSort,
  filter: ResultFilter = {},
): Int32Array {
  const order =
    sort === 'name'
      ? table.byName()
      : sort === 'input'
        ? Int32Array.from({ length: table.count }, (_, row) => row)
        : table.byScore(score);
  const search = filter.search?.toLowerCase() ?? '';
  const wanted = filter.label === undefined ? null : labelCodes[filter.label];
  const free = search === '' && wanted === null && filter.predicted === undefined;
  const kept = free
    ? order
    : order.filter((row) => {
        if (wanted !== null && table.label(row) !== wanted) return false;
        if (filter.predicted !== undefined && predictedOf(table.score(row, score), threshold) !== filter.predicted) {
          return false;
        }
        return search === '' || (table.names[row] ?? '').toLowerCase().includes(search);
      });
  return sort === 'least-anomalous' ? kept.slice().reverse() : kept;
}

export function predictedOf(value: number, threshold: Threshold): 'normal' | 'anomalous' {
  return labelOf(value, threshold) === 1 ? 'anomalous' : 'normal';
}

/** Scores and labels (1 anomalous) of the labelled rows with a finite score. */
function labelled(table: SessionTable, score: ScoreName): { scores: number[]; labels: (0 | 1)[] } {
  const scores: number[] = [];
  const labels: (0 | 1)[] = [];
  for (let row = 0; row < table.count; row++) {
    const label = table.label(row);
    const value = table.score(row, score);
    if (label === 0 || !Number.isFinite(value)) continue;
    scores.push(value);
    labels.push(label === 2 ? 1 : 0);
  }
  return { scores, labels };
}

/** Throws `scoring/rate`, `scoring/no-normals`, and `scoring/no-labels` for the best F1 without both kinds of label. */
export function thresholdOf(
  table: SessionTable,
  calibration: Calibration,
  score: ScoreName,
  rule: SessionRule,
): Threshold {
  switch (rule.kind) {
    case 'value':
      return thresholdByHand(rule.value);
    case 'false-alarms':
      return thresholdFromNormals(calibration.scores[score] ?? [], rule.rate, calibration.onTraining);
    case 'best-f1': {
      const { scores, labels } = labelled(table, score);
      if (labels.includes(0) && labels.includes(1)) return thresholdByBestF1(scores, labels);
      const text = 'The best F1 needs labels of both kinds. Mark some pictures as normal and some as anomalous first.';
      throw new CoreError('scoring/no-labels', text);
    }
  }
}

export interface Confusion {
  readonly truePositives: number;
  readonly falsePositives: number;
  readonly trueNegatives: number;
  readonly falseNegatives: number;
}

/** Null without labels. */
export function confusionOf(table: SessionTable, score: ScoreName, threshold: Threshold): Confusion | null {
  // Four counts: [label anomalous][called anomalous].
  const counts: [number, number, number, number] = [0, 0, 0, 0];
  let any = false;
  for (let row = 0; row < table.count; row++) {
    const label: LabelCode = table.label(row);
    if (label === 0) continue;
    any = true;
    const called = labelOf(table.score(row, score), threshold);
    counts[((label === 2 ? 2 : 0) + called) as 0 | 1 | 2 | 3]++;
  }
  const [trueNegatives, falsePositives, falseNegatives, truePositives] = counts;
  return any ? { truePositives, falsePositives, trueNegatives, falseNegatives } : null;
}

export function effectOf(table: SessionTable, calibration: Calibration, score: ScoreName, threshold: Threshold) {
  const heldOut = heldOutAscending(calibration, score);
  return {
    threshold,
    above: countAbove(table.ascending(score), threshold.value),
    total: table.count,
    heldOutAbove: countAbove(heldOut, threshold.value),
    heldOutTotal: heldOut.length,
    confusion: confusionOf(table, score, threshold),
  };
}

const sortedHeldOut = new WeakMap<Calibration, Map<ScoreName, Float64Array>>();

/** Scores of held-out normals, ascending; sorted once. */
export function heldOutAscending(calibration: Calibration, score: ScoreName): Float64Array {
  const known = sortedHeldOut.get(calibration) ?? new Map<ScoreName, Float64Array>();
  sortedHeldOut.set(calibration, known);
  const values = known.get(score) ?? sortedFinite(calibration.scores[score] ?? []);
  known.set(score, values);
  return values;
}

export function histogramOf(table: SessionTable, calibration: Calibration, score: ScoreName, bins: number) {
  const these = table.ascending(score);
  const heldOut = heldOutAscending(calibration, score);
  const low = Math.min(these[0] ?? Infinity, heldOut[0] ?? Infinity);
  const high = Math.max(these.at(-1) ?? -Infinity, heldOut.at(-1) ?? -Infinity);
  const range: [number, number] = low < high ? [low, high] : Number.isFinite(low) ? [low - 0.5, low + 0.5] : [0, 1];
  const anomalous: number[] = [];
  for (let row = 0; row < table.count; row++) if (table.label(row) === 2) anomalous.push(table.score(row, score));
  const of = (values: ArrayLike<number>): number[] => [...histogram(values, { bins, range }).counts];
  return {
    edges: [...histogram([], { bins, range }).edges],
    heldOut: of(heldOut),
    these: of(these),
    labelledAnomalous: of(anomalous),
    range,
  };
}

/** Counts above evenly spread thresholds. */
export function curveOf(table: SessionTable, calibration: Calibration, score: ScoreName, points: number) {
  const { range } = histogramOf(table, calibration, score, 5);
  const [low, high] = range;
  const thresholds = Array.from({ length: points }, (_, i) => low + ((high - low) * i) / (points - 1));
  const these = table.ascending(score);
  const heldOut = heldOutAscending(calibration, score);
  return {
    thresholds,
    these: thresholds.map((threshold) => countAbove(these, threshold)),
    heldOut: thresholds.map((threshold) => countAbove(heldOut, threshold)),
  };
}

export function metricsOf(table: SessionTable, first: ScoreName, threshold: Threshold) {
  const labels = table.labelCounts();
  const both = labels.normal > 0 && labels.anomalous > 0;
  const order = [first, ...table.scoreNames.filter((name) => name !== first)];
  return {
    labels,
    baseRate: both ? labels.anomalous / (labels.anomalous + labels.normal) : null,
    scores: order.map((score) => {
      const { scores, labels: truth } = labelled(table, score);
      const usable = truth.includes(0) && truth.includes(1);
      return {
        score,
        image_AUROC: usable ? auroc(scores, truth) : null,
        image_AUPR: usable ? aupr(scores, truth) : null,
        image_F1Max: usable ? f1max(scores, truth).f1 : null,
      };
    }),
    confusion: confusionOf(table, first, threshold),
  };
}
