/** Names of built-in sets: `builtin:digits`, or with settings `builtin:digits?count=1000&seed=3`. */
import { createHash } from 'node:crypto';
import { CoreError } from '../../errors.ts';

export const builtinPrefix = 'builtin:';

export interface BuiltinOptions {
  readonly count: number;
  readonly seed: number;
}

/** Whether `given` names the built-in set `name`, with or without settings. */
export function isBuiltin(given: string, name: string): boolean {
  return given === `${builtinPrefix}${name}` || given.startsWith(`${builtinPrefix}${name}?`);
}

/** The settings of a built-in set; throws `dataset/wrong-setting` for unknown names and for values out of range. */
export function builtinOptions(given: string, defaults: BuiltinOptions): BuiltinOptions {
  const [set = '', query = ''] = given.split('?', 2);
  const options = { ...defaults };
  for (const [name, text] of new URLSearchParams(query)) {
    const value = Number(text);
    const fits = Number.isInteger(value) && value >= (name === 'count' ? 20 : 0) && value <= 0x7fffffff;
    if ((name !== 'count' && name !== 'seed') || text === '' || !fits) {
      throw new CoreError(
        'dataset/wrong-setting',
        `${set} has no setting "${name}=${text}". Use count (20 or more) and seed (0 or more), as in ${set}?count=1000&seed=3.`,
      );
    }
    options[name] = value;
  }
  return options;
}

/** Fingerprint of a generated set; raise `version` whenever the same seed gives other pictures. */
export function builtinFingerprint(name: string, version: number, { count, seed }: BuiltinOptions): string {
  return createHash('sha256')
    .update(JSON.stringify([builtinPrefix + name, version, count, seed]))
    .digest('hex');
}
