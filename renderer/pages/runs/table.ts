/** The table of runs as data: its columns, how they sort, what the filter finds. No component, no call. */
import type { RunCard } from '../../../ipc/contract.ts';

export type ColumnKey =
  'name' | 'dataset' | 'state' | 'step' | 'reconstruction' | 'gap' | 'best' | 'device' | 'created';

export interface Column {
  readonly key: ColumnKey;
  readonly label: string;
  /** What a pointer that rests on the heading, and a screen reader, are told. */
  readonly help: string;
  readonly numeric: boolean;
  /** Which way a first click sorts. */
  readonly first: Direction;
}

export type Direction = 'ascending' | 'descending';
export interface Sort {
  readonly key: ColumnKey;
  readonly direction: Direction;
}

export const columns: readonly Column[] = [
  { key: 'name', label: 'Run', help: 'Name and tags', numeric: false, first: 'ascending' },
  { key: 'dataset', label: 'Dataset', help: 'What it was trained on', numeric: false, first: 'ascending' },
  { key: 'state', label: 'State', help: 'Whether it is through', numeric: false, first: 'ascending' },
  { key: 'step', label: 'Steps', help: 'Optimiser steps done', numeric: true, first: 'descending' },
  {
    key: 'reconstruction',
    label: 'Reconstruction',
    help: 'Reconstruction error, nats per image at the last step; lower is closer',
    numeric: true,
    first: 'ascending',
  },
  {
    key: 'gap',
    label: 'Gap',
    help: 'Energy of samples less energy of data at the last step; near zero is balanced',
    numeric: true,
    first: 'ascending',
  },
  {
    key: 'best',
    label: 'Best AUROC',
    help: 'Highest area under the ROC curve of any score on labelled validation images; 1 is perfect, 0.5 is chance',
    numeric: true,
    first: 'descending',
  },
  { key: 'device', label: 'Device', help: 'What it was trained with', numeric: false, first: 'ascending' },
  { key: 'created', label: 'Created', help: 'When it was started', numeric: true, first: 'descending' },
];

/** What a state is called, and the order in which states sort. */
export const stateNames = {
  running: 'Training',
  new: 'Not started',
  stopped: 'Stopped',
  finished: 'Finished',
  failed: 'Failed',
} as const satisfies Record<RunCard['state'], string>;
const stateOrder = Object.keys(stateNames) as RunCard['state'][];

/** The highest AUROC among the latest ones and the best checkpoint's; null without labelled validation images. */
export function bestAuroc({ best, metrics }: RunCard): number | null {
  const values = Object.entries(metrics).flatMap(([name, value]) => (name.endsWith('AUROC') ? [value] : []));
  if (best !== null && best.metric.endsWith('AUROC')) values.push(best.value);
  const finite = values.filter((value) => value !== null);
  return finite.length === 0 ? null : Math.max(...finite);
}

function cell(card: RunCard, key: ColumnKey): string | number | null {
  switch (key) {
    case 'name':
      return card.name;
    case 'dataset':
      return card.dataset.name;
    case 'state':
      return stateOrder.indexOf(card.state);
    case 'step':
      return card.step;
    case 'reconstruction':
      return card.metrics['reconstruction'] ?? null;
    case 'gap':
      return card.metrics['gap'] ?? null;
    case 'best':
      return bestAuroc(card);
    case 'device':
      return card.device.adapter ?? card.device.name;
    case 'created':
      return Date.parse(card.created);
  }
}

const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' });

function compareCells(a: string | number, b: string | number): number {
  return typeof a === 'number' && typeof b === 'number' ? a - b : collator.compare(String(a), String(b));
}

/** A sorted copy. What has no value comes last whichever way it is sorted; equal ones keep their order. */
export function sorted(cards: readonly RunCard[], { key, direction }: Sort): RunCard[] {
  const sign = direction === 'ascending' ? 1 : -1;
  return [...cards].sort((left, right) => {
    const a = cell(left, key);
    const b = cell(right, key);
    if (a === null || b === null) return Number(a === null) - Number(b === null);
    return sign * compareCells(a, b);
  });
}

/** The sort after a click on a heading: the same heading turns it round. */
export function nextSort(now: Sort, key: ColumnKey): Sort {
  if (now.key === key) return { key, direction: now.direction === 'ascending' ? 'descending' : 'ascending' };
  return { key, direction: columns.find((column) => column.key === key)?.first ?? 'ascending' };
}

export interface Filter {
  /** Words that must all occur, in any order, whatever their case. */
  readonly text: string;
  readonly state: RunCard['state'] | null;
  readonly tag: string | null;
}

export function matches(card: RunCard, { text, state, tag }: Filter): boolean {
  if (state !== null && card.state !== state) return false;
  if (tag !== null && !card.tags.includes(tag)) return false;
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return true;
  const hay = [
    card.name,
    card.dataset.name,
    card.dataset.source,
    card.objective,
    stateNames[card.state],
    card.device.name,
    card.device.adapter ?? '',
    ...card.tags,
    ...card.dataset.excludeLabels,
  ]
    .join('\n')
    .toLowerCase();
  return words.every((word) => hay.includes(word));
}

export function allTags(cards: readonly RunCard[]): string[] {
  return [...new Set(cards.flatMap((card) => card.tags))].sort((a, b) => collator.compare(a, b));
}

/** What was typed as tags: by commas, trimmed, each once, at most 20 of 40 letters. */
export function parseTags(text: string): string[] {
  const tags = text
    .split(',')
    .map((tag) => tag.trim().slice(0, 40))
    .filter(Boolean);
  return [...new Set(tags)].slice(0, 20);
}
