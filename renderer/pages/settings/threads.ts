/** A number of threads as it is typed; nothing means all of the machine's. */
export function parseThreads(text: string): { readonly value: number | null; readonly error: string | null } {
  const typed = text.trim();
  if (typed === '') return { value: null, error: null };
  const value = Number(typed);
  if (Number.isInteger(value) && value >= 1 && value <= 1024) return { value, error: null };
  return { value: null, error: 'A whole number from 1 to 1,024, or nothing for all.' };
}
