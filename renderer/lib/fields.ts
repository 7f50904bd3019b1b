/** What a person types into a field of a form, and whether it will do. */
import type { Field, FieldValue } from '../../ipc/contract.ts';

/** Empty text is null (left to the program); what is no number is NaN. A comma counts as a decimal point. */
export function readNumber(text: string): number | null {
  const plain = text.trim().replace(/\s|_/g, '').replace(',', '.');
  return plain === '' ? null : Number(plain);
}

/** Shortest text that reads back as the same number. */
export function showNumber(value: number): string {
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e9)) return value.toExponential();
  return String(value);
}

/** A sentence, or null where the value will do. */
export function fieldError(field: Field, value: FieldValue): string | null {
  if (value === null) return field.optional ? null : `${field.label} is needed.`;
  if (field.kind === 'integer' || field.kind === 'number') {
    if (typeof value !== 'number' || !Number.isFinite(value)) return 'Type a number, such as 0.001 or 1e-3.';
    if (field.kind === 'integer' && !Number.isInteger(value)) return 'Type a whole number.';
    if (field.min !== null && value < field.min) return `At least ${showNumber(field.min)}.`;
    if (field.max !== null && value > field.max) return `At most ${showNumber(field.max)}.`;
  }
  return null;
}
