import type { PageId, StorageBackend, VersionId } from '@switchyard/storage-core';

const PAGES_AT_ONCE = 64;

/**
 * The pages of a version that have a chunk without a vector, as after indexing without an embedder or after a change of
 * the model. Costs a look at the counts of the store, and a pass over the version only where vectors are missing.
 */
export async function findIncompletePages(
  backend: StorageBackend,
  versionId: VersionId,
  signal: AbortSignal,
): Promise<ReadonlySet<PageId>> {
  const incomplete = new Set<PageId>();
  const { without, unusable } = await backend.vectors.stats({ signal });
  if (without + unusable === 0) return incomplete;
  let after = 0;
  for (;;) {
    const pages = await backend.catalog.snapshot(
      { version: { versionId }, after, limit: PAGES_AT_ONCE },
      { signal },
    );
    for (const { page, chunks } of pages) {
      if (chunks.some((chunk) => chunk.vector === null)) incomplete.add(page.id);
      after = page.id;
    }
    if (pages.length < PAGES_AT_ONCE) return incomplete;
  }
}
