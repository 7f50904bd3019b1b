/** Ties a grid, which speaks of positions, to a selection by identity over rows that are fetched as they are needed. */
import type { PagedRows } from './paged-rows.svelte.ts';
import type { Selection } from './selection.svelte.ts';

export interface GridSelectionOptions<Row, Key> {
  readonly rows: PagedRows<Row>;
  readonly selection: Selection<Key>;
  readonly keyOf: (row: Row) => Key;
  /** Selects everything that the filter leaves, fetched or not. */
  readonly all: () => void;
  readonly onerror: (error: unknown) => void;
}

export function gridSelection<Row, Key>({ rows, selection, keyOf, all, onerror }: GridSelectionOptions<Row, Key>) {
  /** A range may have to be fetched; one that was followed by another choice is dropped. */
  let choice = 0;
  const keyAt = (position: number): Key | null => {
    const row = rows.at(position);
    return row === undefined ? null : keyOf(row);
  };
  const range = async (anchor: number, index: number, mine: number) => {
    try {
      const chosen = await rows.between(anchor, index);
      if (mine === choice) selection.replace(chosen.map(keyOf));
    } catch (error) {
      onerror(error);
    }
  };
  return {
    get size() {
      return selection.size;
    },
    has(position: number): boolean {
      const key = keyAt(position);
      return key !== null && selection.has(key);
    },
    choose(index: number, how: 'only' | 'toggle' | 'range', anchor: number): void {
      choice += 1;
      if (how === 'range') {
        void range(anchor, index, choice);
        return;
      }
      const key = keyAt(index);
      // Reached by a key before its page has come: nothing to choose yet.
      if (key === null) selection.clear();
      else if (how === 'only') selection.replace([key]);
      else selection.toggle(key);
    },
    all(): void {
      choice += 1;
      all();
    },
    clear(): void {
      choice += 1;
      selection.clear();
    },
  };
}
