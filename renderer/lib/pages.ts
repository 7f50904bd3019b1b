/**
 * The pages, found by folder listing: `pages/RunsPage.svelte` beside `pages/runs.page.ts`, which exports
 * `page = { title, icon, order }`. Nothing else must be told of a new page. It gets no props; its parameters are `app.params`.
 */
import type { Component } from 'svelte';
import type { IconName } from '../components/icons.ts';

export interface PageInfo {
  readonly title: string;
  readonly icon: IconName;
  /** Place in the rail, from 1; also its key with Ctrl or Cmd. */
  readonly order: number;
}

export interface Page extends PageInfo {
  /** In addresses: `#/runs`. */
  readonly id: string;
  readonly load: () => Promise<Component>;
}

/** `./pages/RunsPage.svelte` -> `runs`. */
const idOf = (file: string) => file.replace(/^.*\/(\w+?)(Page\.svelte|\.page\.ts)$/, '$1').toLowerCase();

export function listPages(
  infos: Readonly<Record<string, PageInfo>>,
  components: Readonly<Record<string, () => Promise<Component>>>,
): Page[] {
  const loaders = new Map(Object.entries(components).map(([file, load]) => [idOf(file), load]));
  const pages: Page[] = [];
  for (const [file, info] of Object.entries(infos)) {
    const id = idOf(file);
    const load = loaders.get(id);
    if (load !== undefined) pages.push({ ...info, id, load });
  }
  return pages.sort((a, b) => a.order - b.order);
}
