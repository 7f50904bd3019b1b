/** How wide tiles are so that a row of them fills the grid. */

/** The scroll bar, and the grid's own edge. */
const edge = 24;

/** At least `least` pixels; `width`, `least` and `gap` in CSS pixels. */
export function tileWidth(width: number, least: number, gap: number): number {
  const free = Math.max(least, width - edge);
  const columns = Math.max(1, Math.floor((free + gap) / (least + gap)));
  return Math.floor((free + gap) / columns - gap);
}
