import { applyObserved } from '../diagnostics/observed.js';
import type { ResultsOf } from '../ports/backend.js';
import type { CallOptions } from '../ports/call-options.js';
import type { PageId, VersionId } from '../values/ids.js';
import type { JsonObject } from '../values/json.js';
import type { IfMissing, Mutation } from '../values/mutations.js';
import type { PageFilter } from '../values/page-filter.js';
import type { Timestamp, VersionStatus } from '../values/records.js';
import { wellFormed } from '../values/well-formed.js';
import { clearStore, deletePagesWhere, removeLibrary } from './bulk-deletion.js';
import { DocumentReader } from './document-reader.js';
import { GroupedDeletion } from './remove-pages.js';
import type { ClearedStore, DeletedPages, RemovedLibrary, RemovedVersion } from './types.js';

/** Write methods of `DocumentStore` that need no embedder: versions and their state, and deletions. */
export abstract class DocumentWriter extends DocumentReader {
  /**
   * Returns the id of a version; creates the version and its library if they do not exist.
   *
   * @example
   * ```ts
   * const versionId = await store.resolveVersion('fastify', '5.0');
   * await store.setVersionStatus(versionId, 'running');
   * ```
   */
  async resolveVersion(library: string, version: string, options?: CallOptions): Promise<VersionId> {
    const [{ versionId }] = await this.#apply([{ kind: 'resolveVersion', library, version }], options);
    return versionId;
  }

  /**
   * Deletes a page with its chunks. Does nothing if the page does not exist.
   *
   * @returns Number of chunks deleted.
   *
   * @example
   * ```ts
   * for (const { id } of await store.pages(versionId)) await store.deletePage(id);
   * ```
   */
  async deletePage(pageId: PageId, options?: CallOptions): Promise<number> {
    const [{ chunksDeleted }] = await this.#apply([{ kind: 'deletePage', page: { pageId } }], options);
    return chunksDeleted;
  }

  /**
   * Deletes all pages of a version and keeps the version. Large versions are deleted in groups between which the event
   * loop runs: after an abort or a failure, the remaining pages are intact and the same call deletes them.
   *
   * @returns Number of chunks deleted.
   * @throws StorageError with outcome `unknown` and `details.pagesDeleted` when pages were deleted before the failure.
   *
   * @example
   * ```ts
   * const chunksDeleted = await store.deletePages('fastify', '5.0');
   * ```
   */
  async deletePages(library: string, version: string, options?: CallOptions): Promise<number> {
    const ref = { library, version };
    return new GroupedDeletion(this.backend, options).run(async (deletion) => {
      await deletion.pagesOf(ref);
      const [{ chunksDeleted }] = await this.#apply([{ kind: 'deletePages', version: ref }], options);
      return deletion.deleted.chunks + chunksDeleted;
    });
  }

  /**
   * Deletes the pages of a version that pass a filter: by the beginning of their URL, by the time of their last write, or
   * both. Large numbers are deleted in groups, as by {@link deletePages}.
   *
   * With `notUpdatedSince`, a page counts as updated when it was written, also with the same content. Times are stored in
   * whole seconds, so that pages written in the given second are kept.
   *
   * @throws TypeError for a filter without a condition. StorageError with outcome `unknown` and `details.pagesDeleted` when
   * pages were deleted before the failure.
   *
   * @example
   * ```ts
   * const startedAt = new Date();
   * await store.addPages('fastify', '5.0', [page]);
   * // Pages that the site no longer has:
   * const { pagesDeleted } = await store.deletePagesWhere('fastify', '5.0', { notUpdatedSince: startedAt });
   * ```
   */
  async deletePagesWhere(
    library: string,
    version: string,
    filter: Omit<PageFilter, 'notUpdatedSince'> & { readonly notUpdatedSince?: Date | Timestamp | undefined },
    options?: CallOptions,
  ): Promise<DeletedPages> {
    const { notUpdatedSince } = filter;
    const since = notUpdatedSince instanceof Date ? isoTime(notUpdatedSince) : notUpdatedSince;
    return deletePagesWhere(
      this.backend,
      { library, version },
      { ...filter, notUpdatedSince: since },
      options,
    );
  }

  /**
   * Removes a version with its pages and, unless `removeLibrary` is false, its library if that was the last version.
   * Pages are deleted as by {@link deletePages}, so an abort may leave the version with some of its pages; the version and
   * its library follow in one write.
   *
   * @throws StorageError with outcome `unknown` and `details.pagesDeleted` when pages were deleted before the failure.
   *
   * @example
   * ```ts
   * const { documentsDeleted, libraryDeleted } = await store.removeVersion('fastify', '5.0');
   * ```
   */
  async removeVersion(
    library: string,
    version: string,
    options: CallOptions & { readonly removeLibrary?: boolean | undefined } = {},
  ): Promise<RemovedVersion> {
    const { removeLibrary } = options;
    const ref = { library, version };
    return new GroupedDeletion(this.backend, options).run(async (deletion) => {
      await deletion.pagesOf(ref);
      const [{ chunksDeleted, versionDeleted, libraryDeleted }] = await this.#apply(
        [{ kind: 'removeVersion', version: ref, removeLibrary }],
        options,
      );
      const documentsDeleted = deletion.deleted.chunks + chunksDeleted;
      return { documentsDeleted, versionDeleted, libraryDeleted };
    });
  }

  /**
   * Removes a library with all its versions and pages; a library without versions too. Large libraries are deleted in
   * groups: after an abort or a failure, the library has what is left, and the same call deletes it.
   *
   * @throws StorageError with outcome `unknown` and `details.pagesDeleted` when pages were deleted before the failure.
   *
   * @example
   * ```ts
   * const { versionsDeleted, documentsDeleted } = await store.removeLibrary('fastify');
   * ```
   */
  async removeLibrary(library: string, options?: CallOptions): Promise<RemovedLibrary> {
    return removeLibrary(this.backend, library, options);
  }

  /**
   * Deletes all libraries with their versions and pages. The embedding profile stays: follow with `resetVectors()` to
   * change the model. Ids of deleted rows are not used again. Large stores are deleted in groups, library by library.
   *
   * @throws StorageError with outcome `unknown` and `details.pagesDeleted` when pages were deleted before the failure.
   *
   * @example
   * ```ts
   * const { librariesDeleted } = await store.clear();
   * ```
   */
  async clear(options?: CallOptions): Promise<ClearedStore> {
    return clearStore(this.backend, options);
  }

  /**
   * Sets the status of a version, and stores the error message or clears it. Does nothing for a version that no longer
   * exists, such as one that was removed while it was being indexed.
   *
   * @throws StorageError `STORAGE_NOT_FOUND` for an unknown version, with `ifMissing: 'error'`.
   *
   * @example
   * ```ts
   * await store.setVersionStatus(versionId, 'failed', 'The site did not answer.');
   * ```
   */
  async setVersionStatus(
    versionId: VersionId,
    status: VersionStatus,
    errorMessage: string | null = null,
    options?: CallOptions & { readonly ifMissing?: IfMissing | undefined },
  ): Promise<void> {
    const { ifMissing = 'ignore' } = options ?? {};
    const version = { versionId };
    await this.#apply([{ kind: 'setVersionStatus', version, status, errorMessage, ifMissing }], options);
  }

  /**
   * Stores the number of pages indexed and the number expected. Does nothing for a version that no longer exists.
   *
   * @throws StorageError `STORAGE_NOT_FOUND` for an unknown version, with `ifMissing: 'error'`.
   *
   * @example
   * ```ts
   * await store.setVersionProgress(versionId, 12, 300);
   * ```
   */
  async setVersionProgress(
    versionId: VersionId,
    pages: number,
    maxPages: number,
    options?: CallOptions & { readonly ifMissing?: IfMissing | undefined },
  ): Promise<void> {
    const { ifMissing = 'ignore' } = options ?? {};
    const version = { versionId };
    await this.#apply([{ kind: 'setVersionProgress', version, pages, maxPages, ifMissing }], options);
  }

  /**
   * Stores the source URL of a version and the options it was fetched with.
   *
   * @throws StorageError `STORAGE_NOT_FOUND` for an unknown version, unless `ifMissing` is `'ignore'`.
   *
   * @example
   * ```ts
   * await store.setScraperOptions(versionId, 'https://fastify.dev/docs', { maxDepth: 3 });
   * ```
   */
  async setScraperOptions(
    versionId: VersionId,
    sourceUrl: string | null,
    scraperOptions: JsonObject | null,
    options?: CallOptions & { readonly ifMissing?: IfMissing | undefined },
  ): Promise<void> {
    const { ifMissing } = options ?? {};
    const version = { versionId };
    await this.#apply(
      [{ kind: 'setScraperOptions', version, sourceUrl, options: scraperOptions, ifMissing }],
      options,
    );
  }

  /** Makes text well-formed, for backends that do not do so themselves. */
  #apply<const M extends readonly Mutation[]>(mutations: M, options?: CallOptions): Promise<ResultsOf<M>> {
    return applyObserved(this.backend, wellFormed(mutations), options);
  }
}

function isoTime(moment: Date): string {
  if (Number.isNaN(moment.getTime())) throw new TypeError('filter.notUpdatedSince must be a valid date.');
  return moment.toISOString();
}
