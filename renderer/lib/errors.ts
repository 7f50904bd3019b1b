/** What went wrong, for people: every call to the core fails with a code and a sentence that ends with the remedy. */

export interface Described {
  readonly code: string;
  readonly message: string;
}

export function describe(error: unknown): Described {
  if (typeof error === 'object' && error !== null) {
    const { code, message } = error as { code?: unknown; message?: unknown };
    if (typeof message === 'string') return { code: typeof code === 'string' ? code : 'unexpected', message };
  }
  return { code: 'unexpected', message: String(error) };
}
