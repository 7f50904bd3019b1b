/** Words of the datasets page. */
import type { DatasetDetails, ProblemKind } from '../../../ipc/contract.ts';

interface KindWords {
  readonly one: string;
  readonly many: string;
  /** Why it matters. */
  readonly why: string;
}

export const problemWords: Record<ProblemKind, KindWords> = {
  unreadable: {
    one: 'unreadable file',
    many: 'unreadable files',
    why: 'They cannot be opened as pictures and are skipped.',
  },
  truncated: { one: 'cut-off file', many: 'cut-off files', why: 'They end too early; part of the picture is missing.' },
  empty: { one: 'empty file', many: 'empty files', why: 'They hold no bytes.' },
  tiny: { one: 'tiny picture', many: 'tiny pictures', why: 'So few pixels that little can be learnt from them.' },
  huge: {
    one: 'huge picture',
    many: 'huge pictures',
    why: 'They are made smaller before training; small defects may be lost.',
  },
  duplicate: {
    one: 'duplicate',
    many: 'duplicates',
    why: 'The same picture twice counts twice; in training and test it makes results look too good.',
  },
  unsupported: { one: 'unsupported file', many: 'unsupported files', why: 'Their format is not read here.' },
};

/** "640 × 480", or "120 × 80 to 4,000 × 3,000". */
export function sizeWords(sizes: NonNullable<DatasetDetails['sizes']>): string {
  const say = ([width, height]: readonly [number, number]) =>
    `${width.toLocaleString('en-GB')} × ${height.toLocaleString('en-GB')}`;
  const [least, most] = [say(sizes.min), say(sizes.max)];
  return `${sizes.exact ? '' : 'about '}${least === most ? least : `${least} to ${most}`} pixels`;
}

/** "colour", "grey", "90 % colour, 10 % grey": of counts or shares. */
export function channelWords({ grey, colour }: { readonly grey: number; readonly colour: number }): string {
  const all = grey + colour;
  if (all === 0) return 'unknown';
  if (grey === 0) return 'colour';
  if (colour === 0) return 'grey';
  const share = Math.round((colour / all) * 100);
  return `${share} % colour, ${100 - share} % grey`;
}

export const labelName = (label: string | null): string => label ?? 'no label';
