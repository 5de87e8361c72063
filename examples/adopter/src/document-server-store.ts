import {
  type Chunk,
  type DocumentStore,
  type Embedder,
  type JsonObject,
  type LibrarySummary,
  openStore,
  type PageDocument,
  type PageRecord,
  type SearchHit,
  type VersionRecord,
  type VersionStatus,
} from '@switchyard/switchyard';

/** Settings of the server. */
export interface StoreSettings {
  /** Connection string: a path, `libsql://HOST`. */
  readonly store: string;
  readonly embedder?: Embedder | undefined;
  readonly dimension?: number | undefined;
}

/** Model and dimension of vectors. */
export interface EmbeddingConfiguration {
  readonly provider: string | null;
  readonly model: string | null;
  readonly dimension: number;
}

/**
 * The store class of a documentation server: the operations that it calls, each on one of `DocumentStore`. Nothing here
 * knows where the data is.
 */
export class DocumentServerStore {
  readonly #settings: StoreSettings;
  #store: DocumentStore | null = null;

  constructor(settings: StoreSettings) {
    this.#settings = settings;
  }

  get #opened(): DocumentStore {
    if (this.#store === null) throw new Error('The store is not initialized.');
    return this.#store;
  }

  // --- Lifecycle and model

  /** @throws StorageError `STORAGE_MODEL_CHANGED` with both models and dimensions; {@link confirmModelChange} accepts it. */
  async initialize(): Promise<void> {
    this.#store = await openStore(this.#settings.store, this.#settings);
  }

  /** Drops all vectors after `STORAGE_MODEL_CHANGED`, and opens the store with the configured model. */
  async confirmModelChange(): Promise<void> {
    this.#store = await openStore(this.#settings.store, { ...this.#settings, onModelChange: 'reset' });
  }

  async shutdown(): Promise<void> {
    await this.#store?.close();
    this.#store = null;
  }

  /** Model that pages and queries are embedded with; null for full-text search only. */
  activeEmbedding(): EmbeddingConfiguration | null {
    const available = this.#settings.embedder?.available === true;
    return available ? describe(this.#opened.profile) : null;
  }

  /** Model that the store records, whatever the server is configured for. */
  async storedEmbedding(): Promise<EmbeddingConfiguration | null> {
    return describe(await this.#opened.backend.vectors.profile());
  }

  invalidateVectors = (model: string, dimension: number) => this.#opened.resetVectors({ model, dimension });

  // --- Libraries and versions

  resolveVersion = (library: string, version: string) => this.#opened.resolveVersion(library, version);
  library = (name: string) => this.#opened.library(name);
  libraryById = (id: number) => this.#opened.libraryById(id);
  deleteLibrary = (name: string) => this.#opened.removeLibrary(name);
  versionById = (id: number): Promise<VersionRecord | null> => this.#opened.versionById(id);
  versionsByStatus = (statuses: readonly VersionStatus[]) => this.#opened.versionsByStatus(statuses);
  versionsBySourceUrl = (url: string) => this.#opened.versionsBySourceUrl(url);
  overview = (): Promise<LibrarySummary[]> => this.#opened.overview();
  hasDocuments = (library: string, version: string) => this.#opened.hasChunks(library, version);
  removeVersion = (library: string, version: string) => this.#opened.removeVersion(library, version);

  async versionNames(library: string): Promise<string[]> {
    return (await this.#opened.versions(library)).map(({ name }) => name);
  }

  setStatus = (versionId: number, status: VersionStatus, errorMessage?: string) =>
    this.#opened.setVersionStatus(versionId, status, errorMessage);
  setProgress = (versionId: number, pages: number, maxPages: number) =>
    this.#opened.setVersionProgress(versionId, pages, maxPages);
  setScraperOptions = (versionId: number, url: string, options: JsonObject) =>
    this.#opened.setScraperOptions(versionId, url, options);
  scraperOptions = (versionId: number) => this.#opened.scraperOptions(versionId);

  // --- Pages and chunks

  async addPage(library: string, version: string, depth: number, page: PageDocument): Promise<void> {
    await this.#opened.addPage(library, version, { ...page, depth });
  }

  pages = (versionId: number): Promise<readonly PageRecord[]> => this.#opened.pages(versionId);
  deletePages = (library: string, version: string) => this.#opened.deletePages(library, version);
  deletePage = (pageId: number) => this.#opened.deletePage(pageId);
  chunk = (id: string): Promise<Chunk | null> => this.#opened.chunk(id);
  chunks = (ids: readonly string[]) => this.#opened.chunks(ids);
  chunksByUrl = (library: string, version: string, url: string) =>
    this.#opened.chunksByUrl(library, version, url);

  // --- Searching

  /** Best chunks with everything that an answer is assembled from, in one call. */
  search(library: string, version: string, text: string, limit: number): Promise<SearchHit[]> {
    const context = { parent: true, children: 3, precedingSiblings: 1, subsequentSiblings: 2 };
    return this.#opened.search(library, version, text, { limit, context });
  }

  parent = (library: string, version: string, id: string): Promise<Chunk | null> =>
    this.#opened.parentOf(id, { library, version });
  children = (library: string, version: string, id: string, limit: number) =>
    this.#opened.childrenOf(id, limit, { library, version });
  precedingSiblings = (library: string, version: string, id: string, limit: number) =>
    this.#opened.precedingSiblings(id, limit, { library, version });
  subsequentSiblings = (library: string, version: string, id: string, limit: number) =>
    this.#opened.subsequentSiblings(id, limit, { library, version });
}

function describe(profile: { readonly model: string | null; readonly dimension: number } | null) {
  if (profile === null) return null;
  const [provider = null, model = null] = profile.model?.split(/:(.*)/s) ?? [];
  return { provider, model, dimension: profile.dimension };
}
