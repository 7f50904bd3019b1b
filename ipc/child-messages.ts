/**
 * What a core process asks of a host that must start its short-lived processes for it. Beside the messages of messages.ts, which
 * every host understands. Types only.
 */
import type { ChildEnd, ChildTask } from '../core/index.ts';

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
