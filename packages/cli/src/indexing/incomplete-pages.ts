import type { PageId, StorageBackend, VersionId } from '@switchyard/storage-core';
import { lastKey } from '@switchyard/storage-core/backend';

const PAGES_AT_ONCE = 64;

/**
 * Finds the chunks of a version without a vector, by page and as sort orders, such as after indexing without an
 * embedder or after a change of the model. Reads the counts of the store, and the version itself only if vectors are
 * missing.
 */
export async function findMissingVectors(
  backend: StorageBackend,
  versionId: VersionId,
  signal: AbortSignal,
): Promise<ReadonlyMap<PageId, readonly number[]>> {
  const missing = new Map<PageId, readonly number[]>();
  const { without, unusable } = await backend.vectors.stats({ signal });
  if (without + unusable === 0) return missing;
  let after = 0;
  for (;;) {
    const pages = await backend.catalog.snapshot(
      { version: { versionId }, after, limit: PAGES_AT_ONCE },
      { signal },
    );
    after =
      lastKey(
        pages.map(({ page }) => page.id),
        after,
        'pages',
      ) ?? after;
    for (const { page, chunks } of pages) {
      const orders = chunks.flatMap(({ vector, sortOrder }) => (vector === null ? [sortOrder] : []));
      if (orders.length > 0) missing.set(page.id, orders);
    }
    if (pages.length < PAGES_AT_ONCE) return missing;
  }
}
