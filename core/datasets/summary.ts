/** What a dataset holds, counted: for people who want to know before they train. */
import type { DatasetItem, DatasetProblem, ImageShape, ProblemKind, SizeSummary } from './types.ts';

export interface LabelCount {
  readonly label: string | null;
  /** Pictures by the layout's split; `unsplit` where it has none. */
  readonly train: number;
  readonly test: number;
  readonly unsplit: number;
  /** What the layout says of this label; null where it says nothing. */
  readonly anomalous: boolean | null;
}

export interface DatasetSummary {
  readonly format: string;
  readonly description: string;
  readonly fingerprint: string;
  readonly pictures: number;
  /** In order of label. */
  readonly labels: readonly LabelCount[];
  readonly masks: number;
  /** Sides and channels of the pictures as they are stored; null before they were decoded, unless the format says it. */
  readonly sizes: SizeSummary | null;
  /** How many problems of each kind; kinds without any are absent. */
  readonly problems: Partial<Record<ProblemKind, number>>;
}

/** A source or a prepared dataset, as far as a summary needs it. */
export interface Summarisable {
  readonly items: readonly DatasetItem[];
  readonly problems: readonly DatasetProblem[];
  readonly sizes?: SizeSummary;
  readonly shape?: ImageShape | null;
  readonly fingerprint: string;
  readonly source?: { readonly format: string; readonly description: string };
  readonly format?: string;
  readonly description?: string;
}

function sizesOf({ sizes, shape, items }: Summarisable): SizeSummary | null {
  if (sizes !== undefined) return sizes;
  if (shape === null || shape === undefined) return null;
  const side: [number, number] = [shape.width, shape.height];
  const grey = shape.channels === 1 ? items.length : 0;
  return { min: side, median: side, max: side, channels: { grey, colour: items.length - grey } };
}

export function summarise(dataset: Summarisable): DatasetSummary {
  const labels = new Map<string | null, { train: number; test: number; unsplit: number; anomalous: boolean | null }>();
  let masks = 0;
  for (const { label, split, anomalous, hasMask } of dataset.items) {
    let counts = labels.get(label);
    if (counts === undefined) labels.set(label, (counts = { train: 0, test: 0, unsplit: 0, anomalous }));
    counts[split ?? 'unsplit']++;
    if (hasMask) masks++;
  }
  const problems: Partial<Record<ProblemKind, number>> = {};
  for (const { kind } of dataset.problems) problems[kind] = (problems[kind] ?? 0) + 1;
  return {
    format: dataset.source?.format ?? dataset.format ?? '',
    description: dataset.source?.description ?? dataset.description ?? '',
    fingerprint: dataset.fingerprint,
    pictures: dataset.items.length,
    labels: [...labels]
      .map(([label, counts]) => ({ label, ...counts }))
      .sort((a, b) => ((a.label ?? '') < (b.label ?? '') ? -1 : 1)),
    masks,
    sizes: sizesOf(dataset),
    problems,
  };
}
