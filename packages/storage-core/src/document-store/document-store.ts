import type { Embedder } from '../embedding/embedder.js';
import { resolveDimension } from '../embedding/resolve-dimension.js';
import type { ResultsOf } from '../ports/backend.js';
import type { CallOptions } from '../ports/call-options.js';
import { checkBackend } from '../runtime/check-capabilities.js';
import { checkProfileRequest, compareProfiles, completeProfile } from '../runtime/profile-checks.js';
import type { PageId, VersionId } from '../values/ids.js';
import type { JsonObject } from '../values/json.js';
import type { IfMissing, Mutation } from '../values/mutations.js';
import type { EmbeddingProfile } from '../values/profile.js';
import type { VersionStatus } from '../values/records.js';
import { wellFormed } from '../values/well-formed.js';
import { type AddProgress, addPages, type OnTooLarge, type PageSource } from './add-pages.js';
import { checkOpenOptions } from './check-open-options.js';
import { DocumentReader } from './document-reader.js';
import type { DocumentStoreOptions } from './open-options.js';
import { QueryLog } from './query-log.js';
import { deletePagesInGroups } from './remove-pages.js';
import { DEFAULT_LIMIT, type StoreEmbedding, searchDocuments } from './search-documents.js';
import type { AddedPage, PageDocument, RemovedVersion, SearchHit, SearchOptions } from './types.js';

/**
 * The store of an application: adds pages, embeds them, searches them by vector and full text, and reads them.
 * Names of libraries and versions are case-insensitive; the unversioned version has the empty name.
 *
 * @example
 * ```ts
 * const store = await DocumentStore.open({ backend, embedder });
 * await store.addPage('fastify', '5.0', page);
 * const hits = await store.search('fastify', '5.0', 'how are routes declared');
 * ```
 */
export class DocumentStore extends DocumentReader {
  /** Embedding profile of the store; null if it has none. */
  readonly profile: EmbeddingProfile | null;
  readonly #embedder: Embedder | null;
  readonly #queryLog: QueryLog | null;
  /** Profile that the store adopts before vectors are written to it; null if it has one. */
  #toAdopt: EmbeddingProfile | null;

  private constructor(
    { backend, queryLog }: DocumentStoreOptions,
    profile: EmbeddingProfile | null,
    embedder: Embedder | null,
    toAdopt: EmbeddingProfile | null = null,
  ) {
    super(backend);
    this.#queryLog = queryLog === undefined ? null : new QueryLog(queryLog);
    this.profile = profile;
    this.#embedder = embedder;
    this.#toAdopt = toAdopt;
  }

  /**
   * Opens the backend and, with an available embedder, checks that the store holds vectors of its model. Writes nothing,
   * unless `onModelChange` is `reset`: a store without vectors, or without a recorded model, adopts the model when the
   * first page is added. After a failure the backend is closed again.
   *
   * @throws StorageError `STORAGE_MODEL_CHANGED`, naming both models and dimensions, unless `onModelChange` is `'reset'`;
   * `STORAGE_CONTRACT_MISMATCH` for a backend of another version of the ports. The backend is closed again after any
   * failure; `STORAGE_DIMENSION_MISMATCH` for a dimension below that of the model, see `resolveDimension`. TypeError
   * that names the invalid option, before anything is opened.
   *
   * @example
   * ```ts
   * const store = await DocumentStore.open({ backend, embedder, onModelChange: 'refuse' });
   * console.log(store.profile?.model);
   * ```
   */
  static async open(options: DocumentStoreOptions): Promise<DocumentStore> {
    checkOpenOptions(options);
    const { backend } = options;
    checkBackend(backend, 'backend');
    await backend.open(options);
    try {
      const stored = await backend.vectors.profile(options);
      const embedder = options.embedder?.available === true ? options.embedder : null;
      if (embedder === null) return new DocumentStore(options, stored, null);
      const dimension = await resolveDimension({
        embedder,
        configured: options.dimension,
        stored,
        probeTimeoutMs: options.probeTimeoutMs,
        signal: options.signal,
      });
      const request = { model: embedder.model, dimension, metric: options.metric };
      checkProfileRequest(backend.name, backend.capabilities, request);
      const wanted = completeProfile(backend.capabilities, stored, request);
      if (compareProfiles(stored, wanted) === 'adoptable') {
        return new DocumentStore(options, wanted, embedder, wanted);
      }
      const policy = options.onModelChange ?? 'refuse';
      const { profile } = await backend.vectors.reconcile(request, policy, options);
      return new DocumentStore(options, profile, embedder);
    } catch (error) {
      await backend.close();
      throw error;
    }
  }

  /**
   * Closes the backend once calls in progress have ended. Idempotent.
   *
   * @example
   * ```ts
   * await store.close();
   * ```
   */
  async close(): Promise<void> {
    await this.backend.close();
    await this.#queryLog?.close();
  }

  // --- Writing

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
   * Replaces a page with the given chunks, all or nothing. A page without chunks changes nothing.
   *
   * @example
   * ```ts
   * const { chunkIds } = await store.addPage('fastify', '5.0', {
   *   url: 'https://fastify.dev/docs/hooks',
   *   title: 'Hooks',
   *   chunks: [{ content: 'Hooks run in order.', metadata: { types: ['text'], level: 1, path: ['Hooks'] } }],
   * });
   * ```
   */
  async addPage(
    library: string,
    version: string,
    page: PageDocument,
    options?: CallOptions,
  ): Promise<AddedPage> {
    const [added] = await this.addPages(library, version, [page], options);
    return added as AddedPage;
  }

  /**
   * Replaces pages, each all or nothing, embedding and writing several at a time. A generator is read as pages are needed.
   * The event loop runs between writes, and the signal and the deadline take effect there: pages written before an abort
   * or a failure stay, and `details.pagesWritten` of the error counts them.
   *
   * @throws StorageError `STORAGE_EMBEDDING_FAILED`, `STORAGE_EMBEDDING_TOO_LARGE`, naming the URL; `STORAGE_ABORTED`,
   * `STORAGE_TIMEOUT`. TypeError naming the page and the field.
   *
   * @example
   * ```ts
   * await store.addPages('fastify', '5.0', [page], {
   *   onTooLarge: 'skip',
   *   onProgress: ({ pages, totalPages }) => console.log(`${pages} of ${totalPages ?? 'unknown'}`),
   * });
   * ```
   */
  async addPages(
    library: string,
    version: string,
    pages: PageSource,
    options: CallOptions & {
      readonly onProgress?: ((progress: AddProgress) => void) | undefined;
      /**
       * Handling of chunks that are too large for the model. Default `error`; `skip` stores such a chunk without a
       * vector and lists it in {@link AddedPage.tooLarge}.
       */
      readonly onTooLarge?: OnTooLarge | undefined;
    } = {},
  ): Promise<AddedPage[]> {
    const { onProgress, onTooLarge } = options;
    const embedding = this.#embedding();
    const prepare = () => this.#adopt(options);
    const context = {
      backend: this.backend,
      library,
      version,
      embedding,
      onTooLarge,
      prepare,
      onProgress,
      options,
    };
    return addPages(context, pages);
  }

  /** @throws StorageError `STORAGE_MODEL_CHANGED` if the store received another model since it was opened. */
  async #adopt({ signal, deadline }: CallOptions): Promise<void> {
    if (this.#toAdopt === null) return;
    await this.backend.vectors.reconcile(this.#toAdopt, 'refuse', { signal, deadline });
    this.#toAdopt = null;
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
    const { before, last } = await deletePagesInGroups(this.backend, ref, options, () =>
      this.#apply([{ kind: 'deletePages', version: ref }], options),
    );
    return before + last[0].chunksDeleted;
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
    const { before, last } = await deletePagesInGroups(this.backend, ref, options, () =>
      this.#apply([{ kind: 'removeVersion', version: ref, removeLibrary }], options),
    );
    const [{ chunksDeleted, versionDeleted, libraryDeleted }] = last;
    return { documentsDeleted: before + chunksDeleted, versionDeleted, libraryDeleted };
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
    return this.backend.apply(wellFormed(mutations), options);
  }

  // --- Searching

  /**
   * Searches one version: by vector and full text, fused by rank, if there is a vector (from the options or the
   * embedder), otherwise by full text only. Blank text and an unknown library or version return no hits.
   *
   * @returns Hits, best first.
   *
   * @example
   * ```ts
   * const hits = await store.search('fastify', '5.0', '"route options" schema', { limit: 3 });
   * for (const { url, score, vecRank, ftsRank } of hits) console.log(url, score, vecRank, ftsRank);
   * ```
   */
  async search(
    library: string,
    version: string,
    text: string,
    options: SearchOptions = {},
  ): Promise<SearchHit[]> {
    const embedding = this.#embedding();
    const searched = { backend: this.backend, profile: this.profile, embedding };
    const began = performance.now();
    const hits = await searchDocuments(searched, { library, version }, text, options);
    const milliseconds = performance.now() - began;
    const { limit = DEFAULT_LIMIT } = options;
    this.#queryLog?.record({ library, version, text, limit, hits: hits.length, milliseconds });
    return hits;
  }

  #embedding(): StoreEmbedding | null {
    return this.#embedder === null || this.profile === null
      ? null
      : { embedder: this.#embedder, dimension: this.profile.dimension };
  }
}
