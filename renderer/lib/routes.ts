/** Where the window is, as the address's hash: `#/train?dataset=abc`. Back and forward then work by themselves. */

export interface Route {
  readonly page: string;
  readonly params: Readonly<Record<string, string>>;
}

export function parseHash(hash: string, fallback: string): Route {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split('?');
  return { page: path === '' ? fallback : path, params: Object.fromEntries(new URLSearchParams(query)) };
}

/** Parameters that are null or undefined are left out. */
export function toHash(page: string, params: Readonly<Record<string, string | null | undefined>> = {}): string {
  const given = Object.entries(params).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  const query = new URLSearchParams(given).toString();
  return query === '' ? `#/${page}` : `#/${page}?${query}`;
}
