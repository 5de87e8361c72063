import type { Embedder } from '../embedding/embedder.js';
import { resolveDimension } from '../embedding/resolve-dimension.js';
import type { ResultsOf, StorageBackend } from '../ports/backend.js';
import type { CallOptions } from '../ports/call-options.js';
import type { Relatives, RelativesRequest } from '../ports/catalog.js';
import { checkProfileRequest, compareProfiles, completeProfile } from '../runtime/profile-checks.js';
import type { LibraryId, PageId, VersionId } from '../values/ids.js';
import type { JsonObject } from '../values/json.js';
import type { Mutation } from '../values/mutations.js';
import type { EmbeddingProfile } from '../values/profile.js';
import type { LibraryRecord, PageRecord, VersionRecord, VersionStatus } from '../values/records.js';
import { wellFormed } from '../values/well-formed.js';
import { type AddProgress, addPages, type OnTooLarge, type PageSource } from './add-pages.js';
import { checkOpenOptions } from './check-open-options.js';
import type { DocumentStoreOptions } from './open-options.js';
import { summarise } from './overview.js';
import { deletePagesInGroups } from './remove-pages.js';
import { type StoreEmbedding, searchDocuments } from './search-documents.js';
import { toChunk, toChunkId } from './to-chunk.js';
import type {
  AddedPage,
  Chunk,
  LibrarySummary,
  PageDocument,
  RemovedVersion,
  SearchHit,
  SearchOptions,
  StoredScraperOptions,
} from './types.js';

/** Pages listed by one read, so that a version of tens of thousands does not hold the event loop. */
const PAGES_PER_READ = 1000;

/**
 * What an application uses: adds pages, embeds them, searches them by meaning and by words, and reads what is there.
 * Names of libraries and versions count in any case; the unversioned version has the empty name.
 */
export class DocumentStore {
  readonly backend: StorageBackend;
  /** What the vectors of the store are; null when it has none. */
  readonly profile: EmbeddingProfile | null;
  readonly #embedder: Embedder | null;
  /** What the store has to adopt before vectors are written to it; null when it has its profile. */
  #toAdopt: EmbeddingProfile | null;

  private constructor(
    backend: StorageBackend,
    profile: EmbeddingProfile | null,
    embedder: Embedder | null,
    toAdopt: EmbeddingProfile | null = null,
  ) {
    this.backend = backend;
    this.profile = profile;
    this.#embedder = embedder;
    this.#toAdopt = toAdopt;
  }

  /**
   * Opens the backend and, with an available embedder, checks that the store holds vectors of its model. Opening writes
   * nothing, unless it is told to reset: a store without vectors, or without a recorded model, adopts the model when the
   * first page is added.
   *
   * @throws StorageError `STORAGE_MODEL_CHANGED`, naming both models and dimensions, unless told to reset; the backend
   * is closed again after any failure. TypeError that names the option which is not what it must be, before anything is
   * opened.
   */
  static async open(options: DocumentStoreOptions): Promise<DocumentStore> {
    checkOpenOptions(options);
    const { backend } = options;
    await backend.open(options);
    try {
      const stored = await backend.vectors.profile(options);
      const embedder = options.embedder?.available === true ? options.embedder : null;
      if (embedder === null) return new DocumentStore(backend, stored, null);
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
        return new DocumentStore(backend, wanted, embedder, wanted);
      }
      const policy = options.onModelChange ?? 'refuse';
      const { profile } = await backend.vectors.reconcile(request, policy, options);
      return new DocumentStore(backend, profile, embedder);
    } catch (error) {
      await backend.close();
      throw error;
    }
  }

  /** Closes the backend, after what is under way. */
  close(): Promise<void> {
    return this.backend.close();
  }

  // --- Writing

  /** The id of a version, which is created with its library when absent. */
  async resolveVersion(library: string, version: string, options?: CallOptions): Promise<VersionId> {
    const [{ versionId }] = await this.#apply([{ kind: 'resolveVersion', library, version }], options);
    return versionId;
  }

  /** Replaces a page by these chunks, all or nothing. A page without chunks changes nothing. */
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
   * Replaces pages, each all or nothing, embedding and writing several at a time. A generator is read as its pages are
   * needed. The event loop has a turn between writes, and the signal and the deadline end the call there: pages before
   * an abort or a failure stay written, and the error then says how many (`details.pagesWritten`).
   *
   * @throws StorageError `STORAGE_EMBEDDING_FAILED`, `STORAGE_EMBEDDING_TOO_LARGE`, naming the URL; `STORAGE_ABORTED`,
   * `STORAGE_TIMEOUT`.
   */
  async addPages(
    library: string,
    version: string,
    pages: PageSource,
    options: CallOptions & {
      readonly onProgress?: ((progress: AddProgress) => void) | undefined;
      /** Default `error`; `skip` stores such a chunk without a vector and names it in {@link AddedPage.tooLarge}. */
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

  /** @throws StorageError `STORAGE_MODEL_CHANGED` when the store got another model since it was opened. */
  async #adopt({ signal, deadline }: CallOptions): Promise<void> {
    if (this.#toAdopt === null) return;
    await this.backend.vectors.reconcile(this.#toAdopt, 'refuse', { signal, deadline });
    this.#toAdopt = null;
  }

  /** Deletes a page. @returns The number of chunks deleted. */
  async deletePage(pageId: PageId, options?: CallOptions): Promise<number> {
    const [{ chunksDeleted }] = await this.#apply([{ kind: 'deletePage', page: { pageId } }], options);
    return chunksDeleted;
  }

  /**
   * Deletes all pages of a version. Many pages are deleted in groups with turns of the event loop between them: after an
   * abort the pages that are left are whole, and the same call deletes them.
   *
   * @returns The number of chunks deleted.
   */
  async deletePages(library: string, version: string, options?: CallOptions): Promise<number> {
    const ref = { library, version };
    const { before, last } = await deletePagesInGroups(this.backend, ref, options, () =>
      this.#apply([{ kind: 'deletePages', version: ref }], options),
    );
    return before + last[0].chunksDeleted;
  }

  /**
   * Removes a version with its pages and, unless told not to, its library when that was the last version. The pages go
   * first, as in {@link deletePages}; the version and its library go at the end, at once.
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

  /** Sets the status of a version and stores the error message or clears it. */
  async setVersionStatus(
    versionId: VersionId,
    status: VersionStatus,
    errorMessage: string | null = null,
    options?: CallOptions,
  ): Promise<void> {
    await this.#apply([{ kind: 'setVersionStatus', version: { versionId }, status, errorMessage }], options);
  }

  /** Stores how many pages of how many are indexed. */
  async setVersionProgress(
    versionId: VersionId,
    pages: number,
    maxPages: number,
    options?: CallOptions,
  ): Promise<void> {
    await this.#apply([{ kind: 'setVersionProgress', version: { versionId }, pages, maxPages }], options);
  }

  /** Stores where a version came from and how it was fetched. */
  async setScraperOptions(
    versionId: VersionId,
    sourceUrl: string | null,
    scraperOptions: JsonObject | null,
    options?: CallOptions,
  ): Promise<void> {
    await this.#apply(
      [{ kind: 'setScraperOptions', version: { versionId }, sourceUrl, options: scraperOptions }],
      options,
    );
  }

  /** Backends make text well-formed by themselves; one that does not is helped here. */
  #apply<const M extends readonly Mutation[]>(mutations: M, options?: CallOptions): Promise<ResultsOf<M>> {
    return this.backend.apply(wellFormed(mutations), options);
  }

  // --- Reading

  /** Where a version came from and how it was fetched; null when no source URL is stored. */
  async scraperOptions(versionId: VersionId, options?: CallOptions): Promise<StoredScraperOptions | null> {
    const version = await this.versionById(versionId, options);
    if (version === null || version.sourceUrl === null) return null;
    return { sourceUrl: version.sourceUrl, options: version.scraperOptions ?? {} };
  }

  libraries(options?: CallOptions): Promise<readonly LibraryRecord[]> {
    return this.backend.catalog.libraries(options);
  }

  library(library: string, options?: CallOptions): Promise<LibraryRecord | null> {
    return this.backend.catalog.library({ library }, options);
  }

  libraryById(libraryId: LibraryId, options?: CallOptions): Promise<LibraryRecord | null> {
    return this.backend.catalog.library({ libraryId }, options);
  }

  version(library: string, version: string, options?: CallOptions): Promise<VersionRecord | null> {
    return this.backend.catalog.version({ library, version }, options);
  }

  versionById(versionId: VersionId, options?: CallOptions): Promise<VersionRecord | null> {
    return this.backend.catalog.version({ versionId }, options);
  }

  /** The versions of a library, by name. */
  versions(library: string, options?: CallOptions): Promise<readonly VersionRecord[]> {
    return this.backend.catalog.versions({ library }, options);
  }

  versionsByStatus(
    statuses: readonly VersionStatus[],
    options?: CallOptions,
  ): Promise<readonly VersionRecord[]> {
    return this.backend.catalog.versionsByStatus(statuses, options);
  }

  /** Versions that came from this URL, newest first. */
  versionsBySourceUrl(sourceUrl: string, options?: CallOptions): Promise<readonly VersionRecord[]> {
    return this.backend.catalog.versionsBySourceUrl(sourceUrl, options);
  }

  /** All libraries and versions with status, progress and size. */
  async overview(options?: CallOptions): Promise<LibrarySummary[]> {
    return summarise(await this.backend.catalog.overview(options));
  }

  hasChunks(library: string, version: string, options?: CallOptions): Promise<boolean> {
    return this.backend.catalog.hasChunks({ library, version }, options);
  }

  /** The pages of a version, by id. */
  async pages(versionId: VersionId, options?: CallOptions): Promise<readonly PageRecord[]> {
    const pages: PageRecord[] = [];
    for (let after = 0; ; ) {
      const part = await this.backend.catalog.pages({ versionId, after, limit: PAGES_PER_READ }, options);
      for (const page of part) pages.push(page);
      if (part.length < PAGES_PER_READ) return pages;
      after = part.at(-1)?.id ?? after;
    }
  }

  async chunk(id: string, options?: CallOptions): Promise<Chunk | null> {
    return (await this.chunks([id], options))[0] ?? null;
  }

  /** The chunks with these ids that exist, in sort order. */
  async chunks(ids: readonly string[], options?: CallOptions): Promise<Chunk[]> {
    const known = ids.map(toChunkId).filter((id) => id !== null);
    return (await this.backend.catalog.chunks(known, options)).map(toChunk);
  }

  /** The chunks of a page, in sort order. */
  async chunksByUrl(library: string, version: string, url: string, options?: CallOptions): Promise<Chunk[]> {
    return (await this.backend.catalog.chunksByUrl({ library, version }, url, options)).map(toChunk);
  }

  /** The nearest earlier chunk whose path is the chunk's path less its last element; null without one. */
  async parentOf(chunkId: string, options?: CallOptions): Promise<Chunk | null> {
    const parent = (await this.#relatives(chunkId, { parent: true }, options))?.parent ?? null;
    return parent === null ? null : toChunk(parent);
  }

  /** Later chunks of the page whose path is exactly one longer and begins with the chunk's, in order. */
  async childrenOf(chunkId: string, limit: number, options?: CallOptions): Promise<Chunk[]> {
    return ((await this.#relatives(chunkId, { children: limit }, options))?.children ?? []).map(toChunk);
  }

  /** The nearest earlier chunks of the page with the same path, in page order. */
  async precedingSiblings(chunkId: string, limit: number, options?: CallOptions): Promise<Chunk[]> {
    const relatives = await this.#relatives(chunkId, { precedingSiblings: limit }, options);
    return (relatives?.precedingSiblings ?? []).map(toChunk);
  }

  /** The nearest later chunks of the page with the same path, in page order. */
  async subsequentSiblings(chunkId: string, limit: number, options?: CallOptions): Promise<Chunk[]> {
    const relatives = await this.#relatives(chunkId, { subsequentSiblings: limit }, options);
    return (relatives?.subsequentSiblings ?? []).map(toChunk);
  }

  async #relatives(
    id: string,
    request: Omit<RelativesRequest, 'chunkId'>,
    options: CallOptions | undefined,
  ): Promise<Relatives | null> {
    const chunkId = toChunkId(id);
    return chunkId === null ? null : this.backend.catalog.relatives({ chunkId, ...request }, options);
  }

  // --- Searching

  /**
   * Searches one version: by vector and by words, fused by rank, when there is a vector (from the options or from the
   * embedder), else by words only. Blank text, an unknown library and an unknown version give no hits.
   *
   * @returns The best hits, best first.
   */
  search(library: string, version: string, text: string, options: SearchOptions = {}): Promise<SearchHit[]> {
    const embedding = this.#embedding();
    return searchDocuments(
      { backend: this.backend, profile: this.profile, embedding },
      { library, version },
      text,
      options,
    );
  }

  #embedding(): StoreEmbedding | null {
    return this.#embedder === null || this.profile === null
      ? null
      : { embedder: this.#embedder, dimension: this.profile.dimension };
  }
}
