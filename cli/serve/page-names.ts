/** Which names below the page's folder a request means. */

/**
 * The path as it was sent, as names below the folder; null for one that is refused. Nothing is decoded: our own files need no escapes,
 * so any `%`, backslash, NUL, empty or dotted name is somebody's trick.
 */
export function safeNames(rawPath: string): string[] | null {
  if (rawPath === '/') return ['index.html'];
  if (!/^(\/[A-Za-z0-9_-][A-Za-z0-9._-]*)+$/.test(rawPath)) return null;
  const names = rawPath.slice(1).split('/');
  return names.some((name) => name.includes('..') || name.endsWith('.')) ? null : names;
}
