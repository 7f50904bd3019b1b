/** Who may call: the top frame of one of our own pages, and nobody else. */
import { isOwnAddress } from './addresses.ts';

/** What is read of Electron's `WebFrameMain`. */
export interface SenderFrame {
  readonly url: string;
  readonly parent: SenderFrame | null;
}

/** Null: the frame has navigated away or was destroyed meanwhile. */
export function isTrustedSender(frame: SenderFrame | null): boolean {
  return frame !== null && frame.parent === null && isOwnAddress(frame.url);
}
