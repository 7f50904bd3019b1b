/** One slider over the steps of several runs: which steps it has, and which kept grid each run shows there. */

/** Every step at which some run has a picture, ascending, each once. */
export function unionOfSteps(perRun: readonly (readonly number[])[]): number[] {
  return [...new Set(perRun.flat())].sort((a, b) => a - b);
}

/** The newest kept step that is not after `step`; the first one before that; null without any. `kept` ascends. */
export function shownStep(kept: readonly number[], step: number): number | null {
  let shown = kept[0] ?? null;
  for (const each of kept) {
    if (each > step) break;
    shown = each;
  }
  return shown;
}

type Point = readonly [number, number | null];

/** Coarse points with the fine ones in place of those between the first and the last of them. Both ascend. */
export function refined(coarse: readonly Point[], fine: readonly Point[]): Point[] {
  const first = fine[0];
  const last = fine.at(-1);
  if (first === undefined || last === undefined) return [...coarse];
  return [...coarse.filter(([step]) => step < first[0]), ...fine, ...coarse.filter(([step]) => step > last[0])];
}
