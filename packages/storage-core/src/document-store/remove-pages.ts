import { isStorageError } from '../errors/storage-error.js';
import type { StorageBackend } from '../ports/backend.js';
import type { CallOptions } from '../ports/call-options.js';
import { nextTurn } from '../runtime/event-loop.js';
import { afterPartialWrite } from '../runtime/partial-write.js';
import type { VersionRef } from '../values/ids.js';

/** Pages deleted by one write, with about a hundred chunks. */
const PAGES_PER_WRITE = 10;
/** Pages listed by one read. */
const PAGES_PER_READ = 512;

/**
 * Deletes the pages of a version in groups, because a single write for all of them would block the event loop. The
 * event loop runs after each group; the last write deletes the remaining pages. Does nothing for a backend without
 * `writeBytesMax`, such as a server, where each group would take several round trips.
 *
 * @param finish Write that deletes the last pages.
 * @returns Number of chunks deleted before, and the result of the last write.
 * @throws StorageError with outcome `unknown` and `details.pagesDeleted` if pages were deleted before the failure.
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
    throw explain(error, deleted.pages);
  }
}

/** The first read fails before anything is written; the last write states its own outcome. */
function explain(error: unknown, pages: number): unknown {
  if (pages === 0)
    return isStorageError(error) && error.outcome === undefined
      ? error.with({ outcome: 'not-applied' })
      : error;
  const note = `Before that, ${pages} ${pages === 1 ? 'page was' : 'pages were'} deleted; the same call deletes the rest.`;
  return afterPartialWrite(error, { pagesDeleted: pages }, note);
}

/** @param deleted Counter of deleted pages and chunks. */
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
    // The last write handles, and reports, pages that cannot be deleted.
    if (pages.length <= PAGES_PER_WRITE || deleted.pages === before) return;
    before = deleted.pages;
  }
}
