/**
 * What a core process asks of a host that must start its processes for it. Beside the messages of messages.ts, which every host
 * understands. Types only.
 */
import type { ChildEnd, ChildTask, FromScorer, ToScorer } from '../core/index.ts';

/** A short-lived one. */
export interface ChildWanted {
  readonly type: 'child';
  readonly id: number;
  readonly task: ChildTask;
}

export interface ChildEnded {
  readonly type: 'child-ended';
  readonly id: number;
  readonly end: ChildEnd;
}

/** One that scores, and lives until it is ended; messages to and from it go through the host. */
export type ScorerWanted =
  | { readonly type: 'scorer'; readonly id: number; readonly wish: 'start' | 'kill' }
  | { readonly type: 'scorer'; readonly id: number; readonly wish: 'post'; readonly message: ToScorer };

export type ScorerTold =
  | { readonly type: 'scorer-told'; readonly id: number; readonly message: FromScorer }
  | { readonly type: 'scorer-ended'; readonly id: number; readonly how: string };

export type FromHost = ChildEnded | ScorerTold;
