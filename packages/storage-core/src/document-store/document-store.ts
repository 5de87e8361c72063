import { searchObserved } from '../diagnostics/observed.js';
import type { Embedder } from '../embedding/embedder.js';
import { resolveDimension } from '../embedding/resolve-dimension.js';
import type { CallOptions } from '../ports/call-options.js';
import { hasCapability } from '../runtime/capability-guard.js';
import { checkBackend } from '../runtime/check-capabilities.js';
import { checkArray, checkObject } from '../runtime/check-fields.js';
import {
  checkProfileRequest,
  compareProfiles,
  completeProfile,
  requireModel,
} from '../runtime/profile-checks.js';
import type { EmbeddingProfile } from '../values/profile.js';
import { type AddProgress, addPages, type OnTooLarge, type PageSource } from './add-pages.js';
import { checkOpenOptions } from './check-open-options.js';
import { DocumentWriter } from './document-writer.js';
import type { DocumentStoreOptions } from './open-options.js';
import { QueryLog } from './query-log.js';
import type { Rerank } from './rerank.js';
import { type ResetVectorsOptions, resetVectors, type VectorReset } from './reset-vectors.js';
import { DEFAULT_LIMIT, type StoreEmbedding, searchDocuments, type VersionName } from './search-documents.js';
import type { AddedPage, PageDocument, SearchHit, SearchOptions } from './types.js';

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
export class DocumentStore extends DocumentWriter {
  readonly #embedder: Embedder | null;
  readonly #queryLog: QueryLog | null;
  readonly #rerank: Rerank | undefined;
  readonly #withVectors = new Set<string>();
  #profile: EmbeddingProfile | null;
  /** Profile that the store adopts before vectors are written to it; null if it has one. */
  #toAdopt: EmbeddingProfile | null;

  private constructor(
    { backend, queryLog, rerank }: DocumentStoreOptions,
    profile: EmbeddingProfile | null,
    embedder: Embedder | null,
    toAdopt: EmbeddingProfile | null = null,
  ) {
    super(backend);
    this.#rerank = rerank ?? undefined;
    this.#queryLog = queryLog === undefined ? null : new QueryLog(queryLog);
    this.#profile = profile;
    this.#embedder = embedder;
    this.#toAdopt = toAdopt;
  }

  /**
   * Embedding profile of the store; null if it has none. Follows {@link resetVectors}. If another program, or another
   * `DocumentStore`, changes the model, the next vector search or write is rejected with `STORAGE_MODEL_CHANGED`.
   */
  get profile(): EmbeddingProfile | null {
    return this.#profile;
  }

  /**
   * Opens the backend and, with an available embedder, checks that the store holds vectors of its model. Writes nothing,
   * unless `onModelChange` is `reset`: a store without vectors, or without a recorded model, adopts the model when the
   * first page is added. A backend without vectors (capability `vectors`) is searched by full text only, and its embedder
   * is not used. After a failure the backend is closed again.
   *
   * @throws StorageError `STORAGE_MODEL_CHANGED`, naming both models and dimensions, unless `onModelChange` is `'reset'`;
   * `STORAGE_DIMENSION_MISMATCH` for a dimension below that of the model, see `resolveDimension`;
   * `STORAGE_CONTRACT_MISMATCH` for a backend of another version of the ports. The backend is closed again after any
   * failure. TypeError that names the invalid option, before anything is opened.
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
      const canEmbed = hasCapability(backend.capabilities, 'vectors') && options.embedder?.available === true;
      const embedder = canEmbed ? (options.embedder ?? null) : null;
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
      const policy = options.onModelChange === 'reset' ? 'reset-if-changed' : 'refuse';
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

  /**
   * Closes the store at the end of an `await using` block; the same as {@link close}.
   *
   * @example
   * ```ts
   * const other = await DocumentStore.open({ backend });
   * await other[Symbol.asyncDispose](); // what `await using other = …` calls at the end of its block
   * ```
   */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  // --- Writing

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
   * Replaces pages, each all or nothing, embedding and writing several at a time. Pages come from an array, a generator or
   * an async generator, which is read as pages are needed. The event loop runs between writes, and the signal and the
   * deadline take effect there: pages written before an abort or a failure stay, and `details.pagesWritten` of the error
   * counts them.
   *
   * Leaves the status and the progress of the version alone, since only the application knows when a crawl begins and
   * ends: call {@link setVersionStatus} with `running` before and with `completed` or `failed` afterwards.
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
   * Drops all vectors, also those of the same model, and stores the model and dimension of the vectors to come. Pages,
   * chunks and full-text search are not affected; add the pages again to embed them.
   *
   * Defaults: the model of the embedder, else that of the store; the dimension of that model, and the metric of the store.
   * After a reset to another model than the embedder's, vector searches and new pages are rejected with
   * `STORAGE_MODEL_CHANGED` until the store is reopened with that model.
   *
   * @throws TypeError without an embedder, a stored profile, or a model and dimension in the options.
   *
   * @example
   * ```ts
   * const { vectorsDropped, profile } = await store.resetVectors();
   * console.log(`Dropped ${vectorsDropped} vectors of ${profile.model}.`);
   * ```
   */
  async resetVectors(options: ResetVectorsOptions = {}): Promise<VectorReset> {
    const known = { embedder: this.#embedder, profile: this.#profile };
    const { profile, previous, vectorsDropped } = await resetVectors(this.backend, known, options);
    this.#profile = profile;
    this.#toAdopt = null;
    this.#withVectors.clear();
    return { profile, previous, vectorsDropped };
  }

  // --- Searching

  /**
   * Searches one version: by vector and full text, fused by rank, if there is a vector (from the options or the
   * embedder), otherwise by full text only. Blank text and an unknown library or version return no hits; in neither case,
   * nor in a version without vectors, is anything embedded.
   *
   * Names are exact. `matchVersion()` of `@switchyard/version-match` finds the version for `latest`, a range or a missing
   * one among those that {@link versions} lists.
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
    const began = performance.now();
    const hits = await this.#search([{ library, version }], text, options);
    const milliseconds = performance.now() - began;
    const { limit = DEFAULT_LIMIT, filter, rerank = this.#rerank ?? null } = options;
    // A replay would search without the filter and the reranker.
    if (filter === undefined && rerank === null) {
      this.#queryLog?.record({ library, version, text, limit, hits: hits.length, milliseconds });
    }
    return hits;
  }

  /**
   * Searches several versions, of one library or of many, as if they were one version with all their chunks: the text is
   * embedded once, and there is one ranking. Every hit names its library and version. Unknown and repeated versions
   * contribute nothing. One request on a server. Not recorded in the query log.
   *
   * @returns Hits, best first.
   *
   * @example
   * ```ts
   * const versions = [
   *   { library: 'fastify', version: '5.0' },
   *   { library: 'pino', version: '' },
   * ];
   * const hits = await store.searchVersions(versions, 'log requests', { limit: 10 });
   * for (const { library, version, url } of hits) console.log(`${library}@${version}`, url);
   * ```
   */
  async searchVersions(
    versions: readonly VersionName[],
    text: string,
    options: SearchOptions = {},
  ): Promise<SearchHit[]> {
    checkArray(versions, 'versions');
    for (const [index, version] of versions.entries()) {
      checkObject(version, `versions[${index}]`, '{ library, version }');
    }
    return this.#search(versions, text, options);
  }

  #search(versions: readonly VersionName[], text: string, options: SearchOptions): Promise<SearchHit[]> {
    const { limit = DEFAULT_LIMIT, mode = 'exact', vector } = options ?? {};
    const isHybrid = vector !== undefined || this.#embedder !== null;
    const kind = isHybrid ? ({ kind: 'hybrid', mode } as const) : ({ kind: 'fts' } as const);
    const search = { backend: this.backend.name, ...kind, versions: versions.length, limit };
    return searchObserved(search, async () =>
      searchDocuments(this.#searched(options), versions, text, options),
    );
  }

  #searched(options: SearchOptions) {
    return {
      backend: this.backend,
      profile: this.profile,
      embedding: options?.vector === undefined ? this.#embedding() : null,
      withVectors: this.#withVectors,
      rerank: this.#rerank,
    };
  }

  /** @throws StorageError `STORAGE_MODEL_CHANGED` if the vectors of the embedder do not belong in this store. */
  #embedding(): StoreEmbedding | null {
    if (this.#embedder === null || this.#profile === null) return null;
    requireModel(this.backend.name, this.#profile, this.#embedder.model);
    return { embedder: this.#embedder, dimension: this.#profile.dimension };
  }
}
