/**
 * Results of many pictures as a few arrays, on their way between processes: thousands of small objects a second would cost either side
 * as much as decoding does.
 */
import type { DatasetProblem } from '../datasets/types.ts';
import type { ScoreName } from '../score-names.ts';
import type { ScoredImage, ScoreResult } from './types.ts';

export interface PackedResults {
  /** How many pictures; the arrays below are of those that were scored, in order. */
  readonly count: number;
  readonly skipped: readonly { readonly index: number; readonly problem: DatasetProblem }[];
  readonly scoreNames: readonly ScoreName[];
  /** [scored, scoreNames] */
  readonly scores: Float64Array;
  readonly rmse: Float64Array;
  readonly tiles: Int32Array;
  /** [scored, cells of a picture], and inferred means [all tiles, latent]; null where the model cannot reconstruct. */
  readonly cells: Float64Array | null;
  readonly latents: Float32Array | null;
  /** [all tiles, n]; null where the model has no likeness features. */
  readonly features: Float32Array | null;
}

/** Results without maps, whose `index` counts from 0 without a gap. All have the same scores. */
export function packResults(results: readonly ScoreResult[]): PackedResults {
  const scored = results.filter((result) => result.kind === 'scored');
  const [first] = scored;
  const scoreNames = Object.keys(first?.scores ?? {}) as ScoreName[];
  return {
    count: results.length,
    skipped: results.flatMap((one) => (one.kind === 'skipped' ? [{ index: one.index, problem: one.problem }] : [])),
    scoreNames,
    scores: Float64Array.from(scored.flatMap(({ scores }) => scoreNames.map((name) => scores[name] ?? Number.NaN))),
    rmse: Float64Array.from(scored, ({ rmse }) => rmse),
    tiles: Int32Array.from(scored, ({ tiles }) => tiles),
    cells: first?.cells ? Float64Array.from(scored.flatMap(({ cells }) => cells ?? [])) : null,
    latents: first?.latents ? joined(scored.map(({ latents }) => latents)) : null,
    features: first?.features ? joined(scored.map(({ features }) => features)) : null,
  };
}

function joined(arrays: readonly (Float32Array | null)[]): Float32Array {
  const all = new Float32Array(arrays.reduce((sum, array) => sum + (array?.length ?? 0), 0));
  let at = 0;
  for (const array of arrays) {
    if (array !== null) all.set(array, at);
    at += array?.length ?? 0;
  }
  return all;
}

/** What was packed: `names` and `indices` are those of the pictures here. */
export function* unpackResults(
  packed: PackedResults,
  names: readonly string[],
  indices: readonly number[],
): Generator<ScoreResult> {
  const problems = new Map(packed.skipped.map(({ index, problem }) => [index, problem]));
  const { scoreNames, cells, latents, features } = packed;
  const side = (cells?.length ?? 0) / packed.rmse.length;
  const allTiles = packed.tiles.reduce((sum, tiles) => sum + tiles, 0);
  const latent = (latents?.length ?? 0) / allTiles;
  const width = (features?.length ?? 0) / allTiles;
  let tile = 0;
  let at = 0;
  for (let i = 0; i < packed.count; i++) {
    const index = indices[i] ?? -1;
    const name = names[i] ?? String(index);
    const problem = problems.get(i);
    if (problem !== undefined) {
      yield { kind: 'skipped', index, name, problem };
      continue;
    }
    const tiles = packed.tiles[at] ?? 0;
    const scores: Partial<Record<ScoreName, number>> = {};
    scoreNames.forEach(
      (score, column) => (scores[score] = packed.scores[at * scoreNames.length + column] ?? Number.NaN),
    );
    const image: ScoredImage = {
      kind: 'scored',
      index,
      name,
      scores,
      rmse: packed.rmse[at] ?? Number.NaN,
      tiles,
      cells: cells && Array.from(cells.subarray(at * side, (at + 1) * side)),
      latents: latents && latents.subarray(tile * latent, (tile + tiles) * latent),
      features: features && features.subarray(tile * width, (tile + tiles) * width),
      maps: null,
    };
    at++;
    tile += tiles;
    yield image;
  }
}
