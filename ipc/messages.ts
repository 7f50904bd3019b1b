/** What host and core process say to one another over their port. Structured clone: bytes travel as bytes. */
import type { AnswerMessage, AppEvent, CallMessage, Envelope } from './contract.ts';

export interface Resource {
  readonly bytes: Uint8Array;
  readonly contentType: string;
}

export type ToCore =
  | { readonly type: 'call'; readonly call: CallMessage }
  | { readonly type: 'resource'; readonly id: number; readonly path: string }
  /** Save, stop, end. */
  | { readonly type: 'close' };

export type FromCore =
  | { readonly type: 'ready' }
  | { readonly type: 'answer'; readonly answer: AnswerMessage }
  | { readonly type: 'resource'; readonly id: number; readonly answer: Envelope<Resource> }
  | { readonly type: 'event'; readonly event: AppEvent };
