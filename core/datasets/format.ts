/** What a dataset format declares. Adding a format is adding one file under `formats/`. */
import type { ImageSource } from './types.ts';

export interface OpenOptions {
  /** Where compressed containers are unpacked, once. */
  readonly cacheDir: string;
  /** Pictures with more pixels than this are reported as `huge` and not decoded. */
  readonly limitPixels: number;
}

export interface DatasetFormat {
  readonly name: string;
  /** One line for people: what lies where. */
  readonly summary: string;
  /**
   * Whether `path` looks like this format: false or 0 for no, else a confidence up to 1; the highest wins. Looks at names and
   * first bytes only, so that it is fast with a million files. Never throws for a path that merely looks different.
   */
  match(path: string): Promise<number | boolean>;
  /** Throws a CoreError `dataset/…` where the path is of this format but damaged. */
  open(path: string, options: OpenOptions): Promise<ImageSource>;
}
