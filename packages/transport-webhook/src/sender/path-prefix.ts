/** Separators that a server may see in a path although the URL parser does not. */
const HIDDEN_SEPARATOR = /%2f|%5c/i;

/**
 * Whether a path prefix covers a path, by whole segments: `/hooks` and `/hooks/` cover `/hooks/1`, neither `/hooksevil`.
 * Paths with encoded separators are covered by nothing, as they may lead elsewhere.
 */
export function coversPath(prefix: string, path: string): boolean {
  if (HIDDEN_SEPARATOR.test(path)) return false;
  if (prefix.endsWith("/")) return path.startsWith(prefix) || `${path}/` === prefix;
  return path === prefix || path.startsWith(`${prefix}/`);
}

/** Whether a URL prefix covers a URL: the same origin, and whole segments of its path. */
export function coversUrl(prefix: string, url: string): boolean {
  const own = new URL(prefix);
  const other = new URL(url);
  return own.origin === other.origin && coversPath(own.pathname, other.pathname);
}
