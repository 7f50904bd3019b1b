/** Addresses below `app://bundle`: which file of the page, or which picture, a URL means. Everything unusual is refused. */

export const scheme = 'app';
export const origin = `${scheme}://bundle`;
export const startPage = `${origin}/index.html`;

export type Target =
  /** Below the folder of the page, with `/` between its parts. */
  | { readonly kind: 'file'; readonly path: string }
  /** For the core: the path as in an ImageRef, with its query. */
  | { readonly kind: 'picture'; readonly path: string };

/** Encoded dots, slashes, backslashes and NUL are never needed in our addresses; a second layer of encoding neither. */
const suspicious = /%(?:2e|2f|5c|00|25)|\\|\0/i;

/** Whether it is one of the page's own addresses: scheme and host, and nothing that changes them. */
export function isOwnAddress(url: string): boolean {
  return url === origin || url.startsWith(`${origin}/`);
}

/** Null: refused. */
export function parseAddress(url: string): Target | null {
  if (!isOwnAddress(url) || suspicious.test(url)) return null;
  const rest = url.slice(origin.length).replace(/#.*$/s, '');
  const [encoded = '', ...query] = rest.split('?');
  let path: string;
  try {
    path = decodeURIComponent(encoded);
  } catch {
    return null;
  }
  const parts = path.slice(1).split('/');
  const odd = (part: string): boolean => part === '' || /^\.+$/.test(part) || /[\\:\p{Cc}]/u.test(part);
  if (path === '' || path === '/') return { kind: 'file', path: 'index.html' };
  if (parts.some(odd)) return null;
  if (parts[0] === 'image') return { kind: 'picture', path: encoded + (query.length > 0 ? `?${query.join('?')}` : '') };
  return { kind: 'file', path: parts.join('/') };
}
