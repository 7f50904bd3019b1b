/** Names of built-in sets: `builtin:digits`, or with settings `builtin:digits?count=1000&seed=3`. */
import { createHash } from 'node:crypto';
import { CoreError } from '../../errors.ts';

export const builtinPrefix = 'builtin:';

export interface BuiltinOptions {
  readonly count: number;
  readonly seed: number;
  /** One of the set's kinds of picture; `all` for a mixture. */
  readonly kind: string;
}

/** Whether `given` names the built-in set `name`, with or without settings. */
export function isBuiltin(given: string, name: string): boolean {
  return given === `${builtinPrefix}${name}` || given.startsWith(`${builtinPrefix}${name}?`);
}

/**
 * The settings of a built-in set: `count`, `seed`, and `kind` where `kinds` are given. Throws `dataset/wrong-setting` for unknown names
 * and for values out of range.
 */
export function builtinOptions(given: string, defaultCount: number, kinds: readonly string[] = []): BuiltinOptions {
  const [set = '', query = ''] = given.split('?', 2);
  const options = { count: defaultCount, seed: 0, kind: 'all' };
  for (const [name, text] of new URLSearchParams(query)) {
    const value = Number(text);
    const whole = text !== '' && Number.isInteger(value) && value <= 0x7fffffff;
    if (name === 'count' && whole && value >= 20) options.count = value;
    else if (name === 'seed' && whole && value >= 0) options.seed = value;
    else if (name === 'kind' && kinds.includes(text)) options.kind = text;
    else {
      const kind = kinds.length === 0 ? '' : `, kind (${kinds.join(', ')})`;
      throw new CoreError(
        'dataset/wrong-setting',
        `${set} has no setting "${name}=${text}". Use count (20 or more), seed (0 or more)${kind}, as in ${set}?count=1000&seed=3.`,
      );
    }
  }
  return options;
}

/** Fingerprint of a generated set; raise `version` whenever the same seed gives other pictures. */
export function builtinFingerprint(name: string, version: number, { count, seed, kind }: BuiltinOptions): string {
  return createHash('sha256')
    .update(JSON.stringify([builtinPrefix + name, version, count, seed, kind]))
    .digest('hex');
}
