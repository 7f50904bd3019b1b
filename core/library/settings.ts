/** What a person set for the app as a whole. */
import path from 'node:path';
import { z } from 'zod';
import { JsonStore } from './json-store.ts';
import type { LibraryFolders } from './folders.ts';

const schema = z.object({
  device: z.string().default('auto'),
  threads: z.int().min(1).nullable().default(null),
  appearance: z.enum(['system', 'light', 'dark']).default('system'),
  cacheLimitBytes: z.number().default(20e9),
  tourDone: z.boolean().default(false),
  chartSmoothing: z.number().default(20),
  chartLogScale: z.boolean().default(false),
});
export type AppSettings = z.output<typeof schema>;

export const defaultSettings: AppSettings = schema.parse({});

export class SettingsStore {
  readonly #store: JsonStore<AppSettings>;

  constructor(folders: LibraryFolders) {
    this.#store = new JsonStore<AppSettings>(path.join(folders.library, 'settings.json'), schema, defaultSettings);
  }

  async get(): Promise<AppSettings> {
    return this.#store.read();
  }

  /** Undefined values change nothing. */
  async set(patch: { readonly [K in keyof AppSettings]?: AppSettings[K] | undefined }): Promise<AppSettings> {
    const given = Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== undefined));
    return this.#store.change((settings) => ({ ...settings, ...given }));
  }
}
