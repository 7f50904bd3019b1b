/** Ranges in a list whose order is what a person sees. */

/** The ids from one to the other, both included, whichever comes first; only `to` where `from` is not in the list. */
export function rangeBetween(items: readonly { readonly id: string }[], from: string, to: string): string[] {
  const start = items.findIndex((item) => item.id === from);
  const end = items.findIndex((item) => item.id === to);
  if (start < 0 || end < 0) return [to];
  return items.slice(Math.min(start, end), Math.max(start, end) + 1).map((item) => item.id);
}
