/** The one error type of the core: a stable code, what was got, and what to do about it. */

export interface CoreErrorOptions {
  /** The underlying error, kept for logs. */
  cause?: unknown;
}

/**
 * An error meant for a person. `message` says what was got and ends with the remedy; `code` is `room/what`
 * (for example `dataset/empty`) and never changes once released, so that hosts can react to it.
 */
export class CoreError extends Error {
  override readonly name = 'CoreError';
  readonly code: string;

  constructor(code: string, message: string, options: CoreErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
  }
}

/** The message of anything that was thrown, on one line. */
export function messageOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.replace(/\s*\n\s*/g, ' ').trim();
}

/** Makes a `switch` over a union exhaustive at compile time. */
export function assertNever(value: never): never {
  throw new CoreError('internal/unreachable', `Unexpected value ${JSON.stringify(value)}. Please report this.`);
}

/** Throws the signal's cancellation as a CoreError, so that every long job stops in the same way. */
export function throwIfCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new CoreError('cancelled', 'Cancelled. Nothing that was finished before is lost.');
}
