import type { Location } from '@switchyard/storage-core';

/** What a server may say of itself is a line of text. */
const LONGEST = 200;

/**
 * What the server of a store calls itself, such as `sqld 0.24.32`; null for a store without server, and for a server that
 * does not say. It is asked without a token, which it does not need for this.
 */
export async function serverVersion(
  location: Location,
  { timeoutMs, signal }: { readonly timeoutMs: number; readonly signal: AbortSignal },
): Promise<string | null> {
  const address =
    location.type === 'server' ? location.url : location.type === 'replica' ? location.syncUrl : null;
  if (address === null) return null;
  const url = new URL('/version', address.replace(/^libsql:/i, 'https:'));
  url.search = '';
  try {
    const response = await fetch(url, { signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]) });
    const text = (await response.text()).trim();
    return response.ok && text.length <= LONGEST && /^[\w.-]+ \d[^\n<]*$/.test(text) ? text : null;
  } catch {
    return null; // whether it can be reached is found out, and reported, by opening the store
  }
}
