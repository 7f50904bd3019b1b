/** An objective's own options as one line of text, for forms: `penalty=10, criticSteps=1`. */
import { CoreError } from '../errors.ts';
import type { Objective } from '../objectives/types.ts';

/** Throws `objective/options` for text that is no list of names and numbers. Whether an objective has them is checked with the others. */
export function parseMethodOptions(text: string): Record<string, number> {
  const parts = text.split(',').flatMap((part) => (part.trim() === '' ? [] : [part]));
  return Object.fromEntries(
    parts.map((part) => {
      const [name = '', value = '', ...more] = part.split('=').map((word) => word.trim());
      if (name !== '' && value !== '' && more.length === 0 && Number.isFinite(Number(value)))
        return [name, Number(value)];
      const got = `Got "${part.trim()}" among the objective's own options.`;
      throw new CoreError(
        'objective/options',
        `${got} Write name=number with commas between: penalty=10, criticSteps=1.`,
      );
    }),
  );
}

export function methodOptionsText(options: Readonly<Record<string, number>> = {}): string | null {
  const parts = Object.entries(options).map(([name, value]) => `${name}=${value}`);
  return parts.length === 0 ? null : parts.join(', ');
}

/** Which objective has which, with what they are when nobody sets them. */
export function methodOptionsHelp(objectives: readonly Objective[]): string {
  const lists = objectives.flatMap(({ name, settings = {} }) => {
    const own = Object.entries(settings).map(([option, { value }]) => `${option}=${value}`);
    return own.length === 0 ? [] : [`${name}: ${own.join(', ')}`];
  });
  return `Options that one objective alone has, as name=number with commas between. ${lists.join('; ')}.`;
}
