/** The smoothing slider: 0 is none, then half-lives of 1 to 10,000 steps, eight to a factor of ten. */
const perDecade = 8;
export const positions = 4 * perDecade + 1;

export function halfLifeAt(position: number): number {
  return position <= 0 ? 0 : Math.round(10 ** ((position - 1) / perDecade));
}

export function positionOf(halfLife: number): number {
  if (halfLife < 1) return 0;
  return Math.min(positions, 1 + Math.round(Math.log10(halfLife) * perDecade));
}
