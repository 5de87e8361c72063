import { applyObserved } from '../diagnostics/observed.js';
import { isStorageError } from '../errors/storage-error.js';
import type { StorageBackend } from '../ports/backend.js';
import type { CallOptions } from '../ports/call-options.js';
import { nextTurn } from '../runtime/event-loop.js';
import { lastKey } from '../runtime/key-order.js';
import { afterPartialWrite } from '../runtime/partial-write.js';
import type { PageId, VersionRef } from '../values/ids.js';
import type { DeletePage, DeletePages } from '../values/mutations.js';
import {
  type NormalPageFilter,
  normalizePageFilter,
  type PageFilter,
  passesPageFilter,
} from '../values/page-filter.js';
import type { PageRecord } from '../values/records.js';

/** Pages deleted by one write, with about a hundred chunks. */
const PAGES_PER_WRITE = 10;
/** Pages listed by one read. */
const PAGES_PER_READ = 512;

/** Counts of what was deleted. */
export interface Deleted {
  pages: number;
  chunks: number;
  versions: number;
}

/**
 * Deletes pages in groups, because a single write for all of them would block the event loop, which runs after each
 * group. Does nothing for a backend without `writeBytesMax`, such as a server, where each group would take several round
 * trips: the caller's last write then deletes everything.
 */
export class GroupedDeletion {
  /** Counts of the groups so far. */
  readonly deleted: Deleted = { pages: 0, chunks: 0, versions: 0 };
  readonly #backend: StorageBackend;
  readonly #options: CallOptions | undefined;

  constructor(backend: StorageBackend, options: CallOptions | undefined) {
    this.#backend = backend;
    this.#options = options;
  }

  /**
   * Runs a deletion that ends with a write for what the groups have left.
   *
   * @throws StorageError with outcome `unknown` and `details.pagesDeleted` if pages were deleted before the failure.
   */
  async run<T>(work: (deletion: this) => Promise<T>): Promise<T> {
    try {
      return await work(this);
    } catch (error) {
      throw this.#explain(error);
    }
  }

  /** Deletes the pages of a version in groups, except for the last ten. */
  async pagesOf(version: VersionRef): Promise<void> {
    if (this.#backend.writeBytesMax === undefined) return;
    for (let before = -1; ; ) {
      const pages = await this.#pages(version, 0);
      await this.#inGroups(pages.slice(0, -PAGES_PER_WRITE));
      // The last write handles, and reports, pages that cannot be deleted.
      if (pages.length <= PAGES_PER_WRITE || this.deleted.pages === before) return;
      before = this.deleted.pages;
    }
  }

  /**
   * Deletes the pages of a version that pass a filter in groups, except for the last ten. Each write applies the filter
   * again: a page that was written since it was listed stays.
   */
  async matchingPagesOf(version: VersionRef, filter: PageFilter): Promise<void> {
    if (this.#backend.writeBytesMax === undefined) return;
    const pages = (await this.matching(version, normalizePageFilter(filter))).slice(0, -PAGES_PER_WRITE);
    if (filter.notUpdatedSince === undefined || !this.#backend.capabilities.bulkDeletion) {
      await this.#inGroups(pages.map(({ id }) => id));
      return;
    }
    await this.#apply(
      pages.map(({ url }) => ({
        kind: 'deletePages',
        version,
        filter: { ...filter, urlPrefix: url },
      })),
    );
  }

  /** Returns the pages of a version that pass a filter. */
  async matching(version: VersionRef, filter: NormalPageFilter): Promise<PageRecord[]> {
    const found: PageRecord[] = [];
    for (let after = 0; ; ) {
      const pages = await this.#backend.catalog.pages(
        { ...version, after, limit: PAGES_PER_READ },
        this.#options,
      );
      const last = lastKey(
        pages.map(({ id }) => id),
        after,
        'pages',
      );
      for (const page of pages) if (passesPageFilter(filter, page)) found.push(page);
      if (last === null || pages.length < PAGES_PER_READ) return found;
      after = last;
    }
  }

  /**
   * Deletes the versions of a library and their pages in groups, if they have more than a few pages; a small library is
   * left to the last write, so that it is deleted completely or not at all.
   */
  async versionsOf(library: string): Promise<void> {
    if (this.#backend.writeBytesMax === undefined) return;
    const versions = await this.#backend.catalog.versions({ library }, this.#options);
    let pages = 0;
    for (const { id } of versions) {
      const few = { versionId: id, limit: PAGES_PER_WRITE + 1 };
      pages += (await this.#backend.catalog.pages(few, this.#options)).length;
      if (pages > PAGES_PER_WRITE) break;
    }
    if (pages <= PAGES_PER_WRITE) return;
    for (const { id } of versions) {
      const version = { versionId: id };
      await this.pagesOf(version);
      const [{ pagesDeleted, chunksDeleted }, { versionDeleted }] = await applyObserved(
        this.#backend,
        [
          { kind: 'deletePages', version },
          { kind: 'removeVersion', version, removeLibrary: false },
        ],
        this.#options,
      );
      this.deleted.pages += pagesDeleted;
      this.deleted.chunks += chunksDeleted;
      this.deleted.versions += versionDeleted ? 1 : 0;
      await nextTurn();
    }
  }

  async #pages(version: VersionRef, after: PageId): Promise<PageId[]> {
    const range = { ...version, after, limit: PAGES_PER_READ };
    return (await this.#backend.catalog.pages(range, this.#options)).map(({ id }) => id);
  }

  #inGroups(ids: readonly PageId[]): Promise<void> {
    return this.#apply(ids.map((pageId) => ({ kind: 'deletePage', page: { pageId } })));
  }

  async #apply(deletions: readonly (DeletePage | DeletePages)[]): Promise<void> {
    for (let from = 0; from < deletions.length; from += PAGES_PER_WRITE) {
      const group = deletions.slice(from, from + PAGES_PER_WRITE);
      const results = await applyObserved(this.#backend, group, this.#options);
      for (const { pagesDeleted, chunksDeleted } of results) {
        this.deleted.chunks += chunksDeleted;
        this.deleted.pages += pagesDeleted;
      }
      await nextTurn();
    }
  }

  /** The first read fails before anything is written; the last write states its own outcome. */
  #explain(error: unknown): unknown {
    const { pages, versions } = this.deleted;
    if (pages === 0 && versions === 0)
      return isStorageError(error) && error.outcome === undefined
        ? error.with({ outcome: 'not-applied' })
        : error;
    const note = `Before that, ${pages} ${pages === 1 ? 'page was' : 'pages were'} deleted; the same call deletes the rest.`;
    return afterPartialWrite(error, { pagesDeleted: pages }, note);
  }
}
