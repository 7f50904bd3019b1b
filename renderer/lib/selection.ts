/** Moving through a list by keyboard and choosing items in it, as file managers do. */

export interface Place {
  readonly active: number;
  readonly count: number;
  readonly columns: number;
  /** Items on a screenful. */
  readonly page: number;
}

/** The item a key goes to; null where the key means nothing here. */
export function keyTarget(key: string, { active, count, columns, page }: Place): number | null {
  if (count === 0) return null;
  const steps: Record<string, number> = {
    ArrowLeft: -1,
    ArrowRight: 1,
    ArrowUp: -columns,
    ArrowDown: columns,
    PageUp: -Math.max(columns, page),
    PageDown: Math.max(columns, page),
  };
  if (key === 'Home') return 0;
  if (key === 'End') return count - 1;
  const step = steps[key];
  if (step === undefined) return null;
  if (active < 0) return 0;
  const to = active + step;
  // A step by rows keeps its column; at the edge it stays where it is, and pages go to the first or last row.
  if (Math.abs(step) === 1 || key.startsWith('Page')) return Math.min(count - 1, Math.max(0, to));
  if (to >= count) return Math.floor(active / columns) < Math.floor((count - 1) / columns) ? count - 1 : active;
  return to < 0 ? active : to;
}

export interface Choice {
  readonly selected: ReadonlySet<number>;
  /** Where a range with shift begins. */
  readonly anchor: number;
}

/** The selection after an item was clicked or reached: `range` with shift, `toggle` with ctrl or space. */
export function choose({ selected, anchor }: Choice, index: number, how: 'only' | 'toggle' | 'range'): Choice {
  if (how === 'only') return { selected: new Set([index]), anchor: index };
  if (how === 'toggle') {
    const next = new Set(selected);
    if (!next.delete(index)) next.add(index);
    return { selected: next, anchor: index };
  }
  const from = anchor < 0 ? index : anchor;
  const next = new Set<number>();
  for (let each = Math.min(from, index); each <= Math.max(from, index); each++) next.add(each);
  return { selected: next, anchor: from };
}

export function chooseAll(count: number): ReadonlySet<number> {
  return new Set(Array.from({ length: count }, (_, index) => index));
}
