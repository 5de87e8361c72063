import type { PageSnapshot } from '@switchyard/storage-core/backend';

/**
 * Chunks of a page, after which the documents of a source continue on a further page: adding to a source rewrites only
 * the last one, however many documents the source has.
 */
export const MAX_CHUNKS_PER_PAGE = 500;

/** Returns the URL of a part of a source, from 1. The first one has the URL of the source. */
export function partUrl(url: string, part: number): string {
  return part === 1 ? url : `${url}#part=${part}`;
}

/** Returns true if a page is a part of a source. */
export function isPartOf(pageUrl: string, url: string): boolean {
  return (
    pageUrl === url || (pageUrl.startsWith(`${url}#part=`) && /^\d+$/.test(pageUrl.slice(url.length + 6)))
  );
}

/** Documents to put at the end of a page. */
export interface Placed<T> {
  readonly url: string;
  readonly added: readonly T[];
}

/**
 * Distributes documents over the parts of a source: fills the first one with room, then further ones.
 *
 * @param from First part that may have room.
 * @param read Returns a page; undefined if it does not exist.
 * @returns The pages, and the last part.
 */
export async function placeInParts<T>(
  url: string,
  documents: readonly T[],
  from: number,
  read: (pageUrl: string) => Promise<PageSnapshot | undefined>,
): Promise<{ readonly placed: readonly Placed<T>[]; readonly last: number }> {
  const placed: Placed<T>[] = [];
  for (let part = from, next = 0; ; part++) {
    const pageUrl = partUrl(url, part);
    const room = Math.max(0, MAX_CHUNKS_PER_PAGE - ((await read(pageUrl))?.chunks.length ?? 0));
    const added = documents.slice(next, next + room);
    if (added.length > 0) placed.push({ url: pageUrl, added });
    next += added.length;
    if (next === documents.length) return { placed, last: part };
  }
}
