/**
 * Returns the URL of a page: the URL without its fragment, since judgments and rankings are about pages.
 *
 * @example
 * ```ts
 * toPageUrl('https://example.org/guide#install'); // 'https://example.org/guide'
 * ```
 */
export function toPageUrl(url: string): string {
  const hash = url.indexOf('#');
  return hash === -1 ? url : url.slice(0, hash);
}
