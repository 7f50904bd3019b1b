/** The datasets that a person has shown to the app, and the files of them that are left out. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import {
  datasetFormats,
  summarise,
  type DatasetItem,
  type ImageSource,
  type LabelCount,
  type SizeSummary,
} from '../datasets/index.ts';
import { SizeCounter } from '../datasets/sizes.ts';
import { CoreError } from '../errors.ts';
import { suggestPreset } from '../jobs/plan.ts';
import { checkDataset, knownCheck, type DatasetCheck } from './dataset-check.ts';
import { thumbnailCount, thumbnailIndices } from './dataset-thumbnails.ts';
import { builtinWords, explainDataset } from './dataset-words.ts';
import { idOf, type LibraryFolders } from './folders.ts';
import { JsonStore } from './json-store.ts';
import { encodeItem, encodePicture, PictureCache, type EncodedPicture } from './pictures.ts';
import type { Sources } from './sources.ts';

const recordSchema = z.object({
  source: z.string(),
  added: z.string().nullable(),
  description: z.string().nullable(),
  pictures: z.int().nullable(),
  excluded: z.array(z.string()),
  /** Indices of pictures that could be read when it was opened. */
  thumbnails: z.array(z.int()).optional(),
});
const fileSchema = z.record(z.string(), recordSchema);
type Known = z.output<typeof recordSchema>;

export interface DatasetCard {
  readonly id: string;
  readonly source: string;
  readonly name: string;
  readonly builtin: boolean;
  readonly description: string | null;
  readonly pictures: number | null;
  readonly missing: boolean;
  readonly added: string | null;
  readonly thumbnails: string[];
  readonly excluded: number;
}

export interface DatasetDetails {
  readonly card: DatasetCard;
  readonly format: string;
  readonly layout: string;
  readonly explanation: string;
  readonly labels: LabelCount[];
  readonly counts: { readonly train: number; readonly test: number; readonly unsplit: number; readonly masks: number };
  readonly sizes:
    | (Pick<SizeSummary, 'min' | 'median' | 'max'> & {
        readonly grey: number;
        readonly colour: number;
        readonly exact: boolean;
      })
    | null;
  readonly problems: Partial<Record<DatasetCheck['problems'][number]['kind'], number>> | null;
  readonly suggestedPreset: string;
}

export interface ItemQuery {
  readonly offset: number;
  readonly limit: number;
  readonly label?: string | null | undefined;
  readonly split?: 'train' | 'test' | 'none' | undefined;
  readonly search?: string | undefined;
  readonly only?: 'excluded' | 'included' | undefined;
}

export interface ItemRow extends DatasetItem {
  readonly index: number;
  readonly excluded: boolean;
  readonly image: string;
}

/** Pictures that are decoded to say how large they are before a check says it exactly. */
const sampledSizes = 8;

export class DatasetShelf {
  readonly #store: JsonStore<Record<string, Known>>;
  readonly #sources: Sources;
  readonly #folders: LibraryFolders;
  readonly #thumbnails = new PictureCache(64e6);

  constructor(folders: LibraryFolders, sources: Sources) {
    this.#folders = folders;
    this.#sources = sources;
    this.#store = new JsonStore(path.join(folders.library, 'datasets.json'), fileSchema, {});
  }

  async list(): Promise<DatasetCard[]> {
    const known = await this.#store.read();
    const builtin = datasetFormats().filter(({ name }) => name.startsWith('builtin:'));
    const own = Object.values(known).filter(({ source }) => !source.startsWith('builtin:'));
    own.sort((a, b) => ((a.added ?? '') < (b.added ?? '') ? 1 : -1));
    // Built-in sets are made here: counting them costs nothing, and their thumbnails say what they are.
    const made = await Promise.all(
      builtin.map(async ({ name }) => {
        const entry = known[idOf(name)] ?? this.#fresh(name);
        return { ...entry, pictures: await this.#sources.use(name, ({ items }) => items.length) };
      }),
    );
    return [...made, ...own].map((entry) => cardOf(entry));
  }

  /** Recognises and remembers a dataset. Throws what opening it throws. */
  async open(given: string): Promise<DatasetDetails> {
    const source = given.startsWith('builtin:') ? given : path.resolve(given);
    await this.#sources.refresh(source);
    const found = await this.#sources.use(source, async (opened) => ({
      description: opened.description,
      pictures: opened.items.length,
      thumbnails: await thumbnailIndices(opened),
    }));
    const id = idOf(source);
    const added = source.startsWith('builtin:') ? null : new Date().toISOString();
    await this.#store.change((all) => {
      const before = all[id];
      return { ...all, [id]: { source, added, excluded: before?.excluded ?? [], ...found } };
    });
    return this.inspect(id);
  }

  async inspect(id: string): Promise<DatasetDetails> {
    const entry = await this.#entry(id);
    return this.#sources.use(entry.source, async (source) => {
      const summary = summarise(source);
      const check = knownCheck(source, this.#folders.cache);
      const count = (key: 'train' | 'test' | 'unsplit'): number =>
        summary.labels.reduce((sum, label) => sum + label[key], 0);
      const exact = check?.sizes ?? summary.sizes;
      const sizes = exact ?? (await sampleSizes(source));
      return {
        card: cardOf({ ...entry, description: source.description, pictures: source.items.length }),
        format: source.format,
        layout: source.description,
        explanation: explainDataset(source.items),
        labels: [...summary.labels],
        counts: { train: count('train'), test: count('test'), unsplit: count('unsplit'), masks: summary.masks },
        sizes:
          sizes === null
            ? null
            : {
                min: sizes.min,
                median: sizes.median,
                max: sizes.max,
                grey: sizes.channels.grey,
                colour: sizes.channels.colour,
                exact: exact !== null,
              },
        problems: check === null ? null : countKinds(check.problems),
        suggestedPreset: suggestPreset(source),
      };
    });
  }

  /** Decodes every picture. Throws `cancelled`. */
  async check(id: string, options: Parameters<typeof checkDataset>[2]): Promise<DatasetCheck> {
    const entry = await this.#entry(id);
    await this.#sources.refresh(entry.source);
    return this.#sources.use(entry.source, (source) => checkDataset(source, this.#folders.cache, options));
  }

  async problems(id: string, query: { kind?: string | undefined; offset: number; limit: number }) {
    const entry = await this.#entry(id);
    const excluded = new Set(entry.excluded);
    return this.#sources.use(entry.source, (source) => {
      const check = knownCheck(source, this.#folders.cache);
      const problems = check?.problems ?? source.problems;
      const chosen = query.kind === undefined ? problems : problems.filter(({ kind }) => kind === query.kind);
      const indexOf = new Map(source.items.map(({ name }, index) => [name, index]));
      const imageOf = (name: string): string | null => {
        const index = indexOf.get(name);
        return index === undefined ? null : imageRef(id, index);
      };
      return {
        checked: check !== null,
        total: chosen.length,
        counts: countKinds(problems),
        rows: chosen.slice(query.offset, query.offset + query.limit).map(({ name, kind, detail, duplicateOf }) => {
          const twin = duplicateOf === undefined ? null : imageOf(duplicateOf);
          // Only of duplicates is it certain that they can be decoded; a tiny picture can be shown as well.
          const image = kind === 'duplicate' || kind === 'tiny' ? imageOf(name) : null;
          return {
            name,
            kind,
            detail,
            excluded: excluded.has(name),
            image,
            duplicateOf: duplicateOf === undefined || twin === null ? null : { name: duplicateOf, image: twin },
          };
        }),
      };
    });
  }

  /** Returns how many files are left out now. */
  async exclude(id: string, names: readonly string[], excluded: boolean): Promise<number> {
    await this.#entry(id);
    const changed = await this.#store.change((all) => {
      const entry = all[id] ?? this.#fresh(this.#builtinOf(id) ?? '');
      const now = new Set(entry.excluded);
      for (const name of names) {
        if (excluded) now.add(name);
        else now.delete(name);
      }
      return { ...all, [id]: { ...entry, excluded: [...now].sort() } };
    });
    return changed[id]?.excluded.length ?? 0;
  }

  async excludeProblems(id: string, kinds: readonly string[]): Promise<{ excluded: number; names: string[] }> {
    const entry = await this.#entry(id);
    const before = new Set(entry.excluded);
    const names = await this.#sources.use(entry.source, (source) => {
      const problems = knownCheck(source, this.#folders.cache)?.problems ?? source.problems;
      return problems.filter(({ kind, name }) => kinds.includes(kind) && !before.has(name)).map(({ name }) => name);
    });
    const unique = [...new Set(names)];
    return { excluded: await this.exclude(id, unique, true), names: unique };
  }

  async items(id: string, query: ItemQuery): Promise<{ total: number; rows: ItemRow[] }> {
    const entry = await this.#entry(id);
    const excluded = new Set(entry.excluded);
    const search = query.search?.toLowerCase() ?? '';
    return this.#sources.use(entry.source, ({ items }) => {
      const chosen: number[] = [];
      items.forEach((item, index) => {
        if (query.label !== undefined && item.label !== query.label) return;
        if (query.split !== undefined && (item.split ?? 'none') !== query.split) return;
        if (query.only !== undefined && excluded.has(item.name) !== (query.only === 'excluded')) return;
        if (search !== '' && !item.name.toLowerCase().includes(search)) return;
        chosen.push(index);
      });
      const rows = chosen.slice(query.offset, query.offset + query.limit).flatMap((index) => {
        const item = items[index];
        return item === undefined
          ? []
          : [{ ...item, index, excluded: excluded.has(item.name), image: imageRef(id, index) }];
      });
      return { total: chosen.length, rows };
    });
  }

  async forget(id: string): Promise<void> {
    await this.#store.change((all) => Object.fromEntries(Object.entries(all).filter(([key]) => key !== id)));
  }

  /** Path (or built-in name) of a dataset, and what is left out of it. Throws `library/unknown-dataset`. */
  async source(id: string): Promise<{ source: string; excluded: readonly string[] }> {
    return this.#entry(id);
  }

  /** The id under which a source is known; null where it is not. */
  async find(source: string): Promise<string | null> {
    const id = idOf(source);
    return source.startsWith('builtin:') || (await this.#store.read())[id] !== undefined ? id : null;
  }

  /** One picture as it is stored, or its mask. Throws where it cannot be decoded. */
  async picture(id: string, index: number, what: 'picture' | 'mask', size?: number): Promise<EncodedPicture> {
    const { source } = await this.#entry(id);
    return this.#sources.use(source, async (opened) => {
      if (opened.items[index] === undefined) throw new CoreError('library/no-picture', `There is no picture ${index}.`);
      const key = `${opened.fingerprint} ${index} ${what} ${size ?? ''}`;
      return this.#thumbnails.get(key, async () => {
        if (what === 'picture') return encodeItem(opened, index, size);
        const mask = await opened.readMask(index);
        if (mask === null) throw new CoreError('library/no-picture', `Picture ${index} has no mask.`);
        return encodePicture(mask, size);
      });
    });
  }

  #fresh(source: string): Known {
    return { source, added: null, description: builtinWords[source] ?? null, pictures: null, excluded: [] };
  }

  #builtinOf(id: string): string | null {
    return datasetFormats().find(({ name }) => name.startsWith('builtin:') && idOf(name) === id)?.name ?? null;
  }

  async #entry(id: string): Promise<Known> {
    const entry = (await this.#store.read())[id];
    if (entry !== undefined) return entry;
    const builtin = this.#builtinOf(id);
    if (builtin !== null) return this.#fresh(builtin);
    throw new CoreError('library/unknown-dataset', 'This dataset is not on the list any more. Open its folder again.');
  }
}

function imageRef(id: string, index: number): string {
  return `/image/dataset/${id}/${index}`;
}

function cardOf(entry: Known): DatasetCard {
  const { source, pictures } = entry;
  const builtin = source.startsWith('builtin:');
  const id = idOf(source);
  const all = pictures ?? 0;
  const shown = Math.min(thumbnailCount, all);
  const evenly = Array.from({ length: shown }, (_, i) => Math.floor((i * all) / shown));
  return {
    id,
    source,
    name: builtin ? source.slice('builtin:'.length) : path.basename(source),
    builtin,
    description: entry.description,
    pictures,
    missing: !builtin && !existsSync(source),
    added: entry.added,
    thumbnails: (entry.thumbnails ?? evenly).map((index) => imageRef(id, index)),
    excluded: entry.excluded.length,
  };
}

function countKinds<K extends string>(problems: readonly { readonly kind: K }[]): Partial<Record<K, number>> {
  const counts: Partial<Record<K, number>> = {};
  for (const { kind } of problems) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}

async function sampleSizes(source: ImageSource): Promise<SizeSummary | null> {
  const counter = new SizeCounter();
  let read = 0;
  for (let i = 0; i < sampledSizes; i++) {
    const index = Math.floor((i * source.items.length) / sampledSizes);
    const image = await source.read(index).catch(() => null);
    if (image === null) continue;
    counter.add(image.width, image.height, image.channels);
    read++;
  }
  return read === 0 ? null : counter.summary();
}
