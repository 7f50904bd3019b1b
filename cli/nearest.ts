/** Suggestions for mistyped names. */

/** Number of insertions, removals, replacements and swaps of neighbours between two words (optimal string alignment). */
function distance(a: string, b: string): number {
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const swapped = isSwap ? (before[j - 2] ?? 0) + 1 : Infinity;
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, swapped));
    }
    [before, row] = [row, next];
  }
  return row[b.length] ?? 0;
}

/** The name that was probably meant: begins with what was typed, or differs in a third of its letters at most. */
export function nearest(typed: string, names: readonly string[]): string | null {
  const candidates = names
    .map((name) => ({ name, cost: typed.length > 1 && name.startsWith(typed) ? 0 : distance(typed, name) }))
    .filter(({ name, cost }) => cost <= Math.max(1, Math.floor(name.length / 3)))
    .sort((a, b) => a.cost - b.cost);
  return candidates[0]?.name ?? null;
}
