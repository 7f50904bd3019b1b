/** One bad picture: an error that says which kind of problem it is, so that a dataset can report it and go on. */
import { CoreError } from '../errors.ts';
import type { ProblemKind } from './types.ts';

const prefix = 'picture/';

export function pictureError(kind: ProblemKind, detail: string, cause?: unknown): CoreError {
  return new CoreError(prefix + kind, detail, cause === undefined ? {} : { cause });
}

/** The kind and sentence of a {@link pictureError}; null for any other error, which stops the whole job. */
export function problemOf(error: unknown): { kind: ProblemKind; detail: string } | null {
  if (!(error instanceof CoreError) || !error.code.startsWith(prefix)) return null;
  return { kind: error.code.slice(prefix.length) as ProblemKind, detail: error.message };
}
