/** How wide tiles are so that a row of them fills the grid. */

/** The scroll bar, and the grid's own edge. */
const edge = 24;

/** At least `least` pixels; `width`, `least` and `gap` in CSS pixels. With `pairs`, the columns are even in number. */
export function tileWidth(width: number, least: number, gap: number, pairs = false): number {
  const free = Math.max(least, width - edge);
  const fitting = Math.max(1, Math.floor((free + gap) / (least + gap)));
  const columns = pairs && fitting > 1 ? fitting - (fitting % 2) : fitting;
  return Math.floor((free + gap) / columns - gap);
}
