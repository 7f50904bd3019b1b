/** Pictures on their way to the model: decoded and prepared ahead of the computing, in order, never more than a bounded number. */
import { inOrder } from '../datasets/ordered.ts';
import { problemOf } from '../datasets/picture-problem.ts';
import { prepareImage } from '../datasets/preparation.ts';
import type { DecodedImage, ImageSource, Preparation } from '../datasets/types.ts';
import type { SkippedImage } from './types.ts';

/** What scoring needs of an {@link ImageSource}; several sources can be read as one. */
export interface PictureList {
  readonly items: readonly { readonly name: string }[];
  read(index: number): Promise<DecodedImage>;
  /** The file that `read` decodes, whole; null where the picture lies inside another file or is made. */
  pathOf?(index: number): string | null;
}

/** Where each tile lies in the prepared picture; one tile at the origin without tiling. */
export interface TileLayout {
  readonly width: number;
  readonly height: number;
  readonly origins: readonly { readonly x: number; readonly y: number }[];
}

export interface PreparedPicture {
  readonly kind: 'prepared';
  readonly index: number;
  readonly name: string;
  /** One or more model inputs, uint8 [size, size, channels] each. */
  readonly tiles: readonly Uint8Array[];
  readonly layout: TileLayout;
}

export interface DecodeOptions {
  readonly list: PictureList;
  readonly preparation: Preparation;
  /** Pictures that are being decoded or wait to be scored, at most. */
  readonly ahead: number;
  /** Indices into `list.items`, in the order wanted; all of them by default. */
  readonly indices?: ArrayLike<number> | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Several sources as one list, in the order given; names as each source has them. */
export function joinPictures(sources: readonly Pick<ImageSource, 'items' | 'read' | 'pathOf'>[]): PictureList {
  const starts: number[] = [];
  let total = 0;
  for (const source of sources) {
    starts.push(total);
    total += source.items.length;
  }
  const locate = (index: number): [(typeof sources)[number], number] => {
    let which = starts.length - 1;
    while ((starts[which] ?? 0) > index) which--;
    const source = sources[which];
    if (source === undefined) throw new RangeError(`No picture ${index} of ${total}`);
    return [source, index - (starts[which] ?? 0)];
  };
  return {
    items: sources.flatMap((source) => source.items),
    async read(index) {
      const [source, own] = locate(index);
      return source.read(own);
    },
    pathOf(index) {
      const [source, own] = locate(index);
      return source.pathOf(own);
    },
  };
}

/** Decodes in order; while a picture is being scored the next ones are decoded on sharp's own threads. A bad picture is passed on as skipped. */
export async function* decodePictures(options: DecodeOptions): AsyncGenerator<PreparedPicture | SkippedImage> {
  const { list, indices, ahead, signal } = options;
  const count = indices?.length ?? list.items.length;
  const job = (position: number): Promise<PreparedPicture | SkippedImage> =>
    decode(options, indices === undefined ? position : (indices[position] ?? 0));
  yield* inOrder(job, { count, concurrency: ahead, signal });
}

/** A bad picture is a result; a failing disk or a closed source is an error that stops the job. */
async function decode({ list, preparation }: DecodeOptions, index: number): Promise<PreparedPicture | SkippedImage> {
  const name = list.items[index]?.name ?? String(index);
  try {
    const { tiles, scaledWidth, scaledHeight, positions } = await prepareImage(await list.read(index), preparation);
    return {
      kind: 'prepared',
      index,
      name,
      tiles,
      layout: { width: scaledWidth, height: scaledHeight, origins: positions },
    };
  } catch (error) {
    const problem = problemOf(error);
    if (problem === null) throw error;
    return { kind: 'skipped', index, name, problem: { name, ...problem } };
  }
}
