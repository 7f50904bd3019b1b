/** Datasets in container files: many pictures of one shape in few files, read record by record. */
import { createHash } from 'node:crypto';
import { CoreError } from '../errors.ts';
import type { PageFile } from './page-file.ts';
import type { DatasetItem, DatasetProblem, DecodedImage, ImageShape, ImageSource } from './types.ts';

/** Consecutive pictures in one file. */
export interface ContainerPart {
  readonly split: 'train' | 'test' | null;
  /** Start of item names: `train/000123`. */
  readonly prefix: string;
  readonly file: PageFile;
  /** Byte position of the first picture and distance between pictures. */
  readonly start: number;
  readonly stride: number;
  /** Label of each picture, in order; its length is the number of pictures. */
  readonly labels: readonly (string | null)[];
}

export interface ContainerRequest {
  readonly format: string;
  readonly description: string;
  readonly shape: ImageShape;
  readonly parts: readonly ContainerPart[];
  /** sha256 of each file that matters, in order. */
  readonly hashes: readonly string[];
  readonly problems?: readonly DatasetProblem[];
  /** Turns a picture's stored bytes into row-major, channels-last pixels; absent where they are that already. */
  readonly decode?: (stored: Uint8Array) => Uint8Array;
}

/** Throws for an index outside the dataset: a mistake of the caller. */
export function itemAt(items: readonly DatasetItem[], index: number): DatasetItem {
  const item = items[index];
  if (item === undefined) {
    throw new CoreError(
      'internal/index',
      `Picture ${index} does not exist: there are ${items.length}. Please report this.`,
    );
  }
  return item;
}

export function containerSource(request: ContainerRequest): ImageSource {
  const { format, description, shape, parts, hashes, decode } = request;
  const bytes = shape.height * shape.width * shape.channels;
  const items: DatasetItem[] = [];
  const firsts: number[] = [];
  for (const { labels, prefix, split } of parts) {
    firsts.push(items.length);
    for (let i = 0; i < labels.length; i++) {
      const name = `${prefix}/${String(i).padStart(6, '0')}`;
      items.push({ name, label: labels[i] ?? null, split, anomalous: null, hasMask: false });
    }
  }
  const fingerprint = createHash('sha256')
    .update(JSON.stringify([format, shape, ...hashes]))
    .digest('hex');
  return {
    format,
    description,
    items,
    problems: request.problems ?? [],
    fingerprint,
    shape,
    async read(index): Promise<DecodedImage> {
      itemAt(items, index);
      let which = parts.length - 1;
      while ((firsts[which] ?? 0) > index) which--;
      const part = parts[which];
      if (part === undefined) throw new CoreError('internal/index', 'A dataset without parts. Please report this.');
      const stored = await part.file.read(part.start + (index - (firsts[which] ?? 0)) * part.stride, bytes);
      return { ...shape, pixels: decode === undefined ? stored : decode(stored) };
    },
    readMask: () => Promise.resolve(null),
    pathOf: () => null,
    close: async () => {
      await Promise.all(parts.map((part) => part.file.close()));
    },
  };
}

/** "60,000 for training, 10,000 for testing" of the parts. */
export function describeParts(parts: readonly ContainerPart[]): string {
  const count = (split: ContainerPart['split']) =>
    parts.filter((part) => part.split === split).reduce((sum, part) => sum + part.labels.length, 0);
  const words: [number, string][] = [
    [count('train'), 'for training'],
    [count('test'), 'for testing'],
    [count(null), 'without a split'],
  ];
  return words
    .filter(([number]) => number > 0)
    .map(([number, what]) => `${number.toLocaleString('en')} ${what}`)
    .join(', ');
}
