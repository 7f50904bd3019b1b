/** What a process that scores (`scorer-process.ts`) and the one that shares out the work (`scorers.ts`) tell each other. */
import type { DecodedImage, ProblemKind } from '../datasets/types.ts';
import type { PackedResults } from './scorer-packing.ts';
import type { Normals } from './stream.ts';

/** A picture to score: a file to decode there, or what was read here because it lies inside another file. */
export type ScorerItem =
  | { readonly name: string; readonly file: string }
  | { readonly name: string; readonly image: DecodedImage }
  | { readonly name: string; readonly problem: { readonly kind: ProblemKind; readonly detail: string } };

export type ToScorer =
  | {
      readonly type: 'open';
      /** Folder of the exported model. */
      readonly folder: string;
      readonly normals: Normals | undefined;
      readonly batchSize: number | undefined;
    }
  | { readonly type: 'score'; readonly id: number; readonly items: readonly ScorerItem[] };

export interface ScorerError {
  /** Null for errors that are no CoreError. */
  readonly code: string | null;
  readonly message: string;
}

export type FromScorer =
  | { readonly type: 'ready' }
  /** The model cannot be opened. */
  | { readonly type: 'failed'; readonly error: ScorerError }
  /** Results in order; where there is an error, those before it. */
  | {
      readonly type: 'scored';
      readonly id: number;
      readonly results: PackedResults;
      readonly error: ScorerError | null;
    };
