import type { Location } from '@switchyard/storage-core';

/** Maximum length of a server version, in characters. */
const MAX_LENGTH = 200;

/**
 * Returns the name and version that the server of a store reports, such as `sqld 0.24.32`; null for a store without a
 * server, and for a server that does not report one. The request is sent without the token, since it needs none.
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
    return response.ok && text.length <= MAX_LENGTH && /^[\w.-]+ \d[^\n<]*$/.test(text) ? text : null;
  } catch {
    return null; // opening the store reports an unreachable server
  }
}
