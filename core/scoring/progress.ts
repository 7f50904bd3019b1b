/** How far a stream of scores has come. */
import type { ScoreResult } from './types.ts';

export interface ScoreProgress {
  readonly done: number;
  readonly total: number;
  readonly skipped: number;
  /** Null until there is something to go by. */
  readonly secondsLeft: number | null;
}

/** To be called with each result. */
export function progressOf(
  onProgress: ((progress: ScoreProgress) => void) | undefined,
  total: number,
): (result: ScoreResult) => void {
  const start = performance.now();
  let done = 0;
  let skipped = 0;
  return (result) => {
    done++;
    if (result.kind === 'skipped') skipped++;
    const seconds = (performance.now() - start) / 1000;
    onProgress?.({ done, total, skipped, secondsLeft: done > 0 ? (seconds / done) * (total - done) : null });
  };
}
