/** `--checkpoint`, which several verbs have. */
import { UsageError } from './arguments.ts';
import type { TextOption } from './command.ts';

export const checkpointOption = {
  kind: 'text',
  summary: 'Which checkpoint: latest, best or a step (default latest)',
  placeholder: 'STEP',
} as const satisfies TextOption;

/** Throws `UsageError` for what is neither a name nor a step. */
export function parseCheckpoint(text: string | undefined): 'latest' | 'best' | number | undefined {
  if (text === undefined || text === 'latest' || text === 'best') return text;
  const step = Number(text);
  if (text.trim() !== '' && Number.isSafeInteger(step) && step >= 0) return step;
  throw new UsageError(`--checkpoint is "${text}". It wants latest, best or a step such as 1200.`);
}
