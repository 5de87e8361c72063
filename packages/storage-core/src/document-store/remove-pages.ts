import type { StorageBackend } from '../ports/backend.js';
import type { CallOptions } from '../ports/call-options.js';
import { nextTurn } from '../runtime/event-loop.js';
import { afterPartialWrite } from '../runtime/partial-write.js';
import type { VersionRef } from '../values/ids.js';

/** Pages deleted by one write: about a hundred chunks. */
const PAGES_PER_WRITE = 16;
/** Pages listed by one read. */
const PAGES_PER_READ = 512;

/**
 * Deletes the pages of a version in groups, with a turn of the event loop after each, where a single write for all of
 * them would hold it; the last pages are left to that write. Does nothing for a backend that does not say that its writes
 * hold the event loop: there each group would be several round trips.
 *
 * @param finish The write that deletes the last pages.
 * @returns The number of chunks deleted before, and the result of the last write.
 * @throws StorageError with outcome `unknown` and `details.pagesDeleted` when pages were deleted before the failure.
 */
export async function deletePagesInGroups<T>(
  backend: StorageBackend,
  version: VersionRef,
  options: CallOptions | undefined,
  finish: () => Promise<T>,
): Promise<{ readonly before: number; readonly last: T }> {
  const deleted = { pages: 0, chunks: 0 };
  try {
    if (backend.writeBytesMax !== undefined) await deleteGroups(backend, version, options, deleted);
    const last = await finish();
    return { before: deleted.chunks, last };
  } catch (error) {
    throw deleted.pages === 0 ? error : afterPartialWrite(error, { pagesDeleted: deleted.pages });
  }
}

/** @param deleted Counts what is deleted. */
async function deleteGroups(
  backend: StorageBackend,
  version: VersionRef,
  options: CallOptions | undefined,
  deleted: { pages: number; chunks: number },
): Promise<void> {
  for (let before = -1; ; ) {
    const pages = await backend.catalog.pages({ ...version, limit: PAGES_PER_READ }, options);
    for (let from = 0; from < pages.length - PAGES_PER_WRITE; from += PAGES_PER_WRITE) {
      const group = pages.slice(from, from + PAGES_PER_WRITE);
      const results = await backend.apply(
        group.map(({ id }) => ({ kind: 'deletePage', page: { pageId: id } }) as const),
        options,
      );
      for (const result of results) {
        deleted.chunks += result.chunksDeleted;
        deleted.pages += result.pagesDeleted;
      }
      await nextTurn();
    }
    // Pages that cannot be deleted are left, with their error, to the last write.
    if (pages.length <= PAGES_PER_WRITE || deleted.pages === before) return;
    before = deleted.pages;
  }
}
