import type { StorageBackend } from '@switchyard/storage-core';
import { lastKey, nextTurn, type PageSnapshot } from '@switchyard/storage-core/backend';

/** Pages that are looked up one by one; for more, all pages of the version are listed. */
const MAX_LOOKUPS = 16;

const PAGES_PER_LIST = 1000;

const PAGES_PER_SCAN = 20;

/** Names of a version. */
export interface VersionNames {
  readonly library: string;
  readonly version: string;
}

/** Reads the pages with these URLs, with chunks and vectors; those that do not exist are absent. */
export async function readPages(
  backend: StorageBackend,
  version: VersionNames,
  urls: ReadonlySet<string>,
): Promise<Map<string, PageSnapshot>> {
  const pages = new Map<string, PageSnapshot>();
  for (const pageId of await findPages(backend, version, urls)) {
    const snapshot = await readPage(backend, version, pageId);
    if (snapshot !== null) pages.set(snapshot.page.url, snapshot);
  }
  return pages;
}

/** Reads a page with chunks and vectors; null if it does not exist, for example because another process deleted it. */
export async function readPage(
  { catalog }: StorageBackend,
  version: VersionNames,
  pageId: number,
): Promise<PageSnapshot | null> {
  const [snapshot] = await catalog.snapshot({ version, after: pageId - 1, limit: 1 });
  return snapshot?.page.id === pageId ? snapshot : null;
}

async function findPages(
  { catalog }: StorageBackend,
  version: VersionNames,
  urls: ReadonlySet<string>,
): Promise<number[]> {
  if (urls.size <= MAX_LOOKUPS) {
    const pages = await Promise.all([...urls].map((url) => catalog.page({ version, url })));
    return pages.flatMap((page) => (page === null ? [] : [page.id]));
  }
  const found: number[] = [];
  for (let after = 0; ; ) {
    const pages = await catalog.pages({ ...version, after, limit: PAGES_PER_LIST });
    for (const { id, url } of pages) if (urls.has(url)) found.push(id);
    if (pages.length < PAGES_PER_LIST) return found;
    after =
      lastKey(
        pages.map(({ id }) => id),
        after,
        'pages',
      ) ?? after;
  }
}

/** Reads every page of a version, with chunks and vectors. The event loop runs in between. */
export async function* scanPages(
  { catalog }: StorageBackend,
  version: VersionNames,
): AsyncGenerator<PageSnapshot> {
  for (let after = 0; ; ) {
    const pages = await catalog.snapshot({ version, after, limit: PAGES_PER_SCAN });
    yield* pages;
    if (pages.length < PAGES_PER_SCAN) return;
    after =
      lastKey(
        pages.map(({ page }) => page.id),
        after,
        'pages',
      ) ?? after;
    await nextTurn();
  }
}
