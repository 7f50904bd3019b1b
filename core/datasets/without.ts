/** A dataset without some of its pictures: a person's own list of files to leave out; the files stay where they are. */
import { createHash } from 'node:crypto';
import { CoreError } from '../errors.ts';
import type { ImageSource } from './types.ts';

/** The source itself where no name is left out. The fingerprint says what was left out. Throws `dataset/no-usable-pictures`. */
export function withoutItems(source: ImageSource, names: readonly string[]): ImageSource {
  const left = new Set(names);
  const kept = source.items.flatMap(({ name }, index) => (left.has(name) ? [] : [index]));
  if (kept.length === source.items.length) return source;
  if (kept.length === 0) {
    throw new CoreError('dataset/no-usable-pictures', 'Every picture was left out. Take some of them in again.');
  }
  const out = source.items.flatMap(({ name }) => (left.has(name) ? [name] : [])).sort();
  const original = (index: number): number => kept[index] ?? -1;
  return {
    ...source,
    items: kept.flatMap((index) => source.items[index] ?? []),
    fingerprint: createHash('sha256')
      .update(JSON.stringify([source.fingerprint, 'without', out]))
      .digest('hex'),
    read: (index) => source.read(original(index)),
    readMask: (index) => source.readMask(original(index)),
    pathOf: (index) => source.pathOf(original(index)),
    close: () => source.close(),
  };
}
